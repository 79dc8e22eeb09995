# Stored results of the self-test (`python -m research doctor`).
# The covariance matrix is SIMULATED and rounded to three decimals; lavaan fits it by maximum likelihood.
# Run in this folder: Rscript selftest.R > ../../research/templates/selftest.json
suppressMessages(library(lavaan))
set.seed(20261122)
population <- '
quality =~ .8*q1 + .75*q2 + .7*q3
trust =~ .85*t1 + .8*t2 + .7*t3
loyalty =~ .8*l1 + .8*l2 + .75*l3
trust ~ .5*quality
loyalty ~ .2*quality + .5*trust
'
answers <- simulateData(population, sample.nobs = 300, standardized = TRUE)
S <- round(cov(answers), 3)
model <- '
quality =~ q1 + q2 + q3
trust =~ t1 + t2 + t3
loyalty =~ l1 + l2 + l3
trust ~ a*quality
loyalty ~ c*quality + b*trust
indirect := a*b
'
fit <- sem(model, sample.cov = S, sample.nobs = 300)
table <- parameterEstimates(fit)
show <- function(x) paste0("[", paste(formatC(x, digits = 12, format = "g"), collapse = ", "), "]")
text <- function(x) paste0("[", paste0('"', x, '"', collapse = ", "), "]")
measures <- fitMeasures(fit, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"))
cat("{\n")
cat('  "software": "lavaan ', as.character(packageVersion("lavaan")), '",\n', sep = "")
cat('  "data": "simulated",\n')
cat('  "model": ', '"', gsub("\n", "\\\\n", model), '",\n', sep = "")
cat('  "n": 300,\n')
cat('  "variables": ', text(colnames(S)), ",\n", sep = "")
cat('  "covariance": [\n    ', paste(apply(S, 1, show), collapse = ",\n    "), "\n  ],\n", sep = "")
cat('  "lhs": ', text(table$lhs), ",\n", sep = "")
cat('  "op": ', text(table$op), ",\n", sep = "")
cat('  "rhs": ', text(table$rhs), ",\n", sep = "")
cat('  "estimate": ', show(table$est), ",\n", sep = "")
cat('  "se": ', show(table$se), ",\n", sep = "")
cat('  "measures": {', paste0('"', names(measures), '": ', formatC(as.numeric(measures), digits = 12, format = "g"), collapse = ", "), "}\n", sep = "")
cat("}\n")
