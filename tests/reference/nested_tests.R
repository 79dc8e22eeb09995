# lavaan's tests of nested models, every method by every estimator with a scaled test.
# Run in this folder: Rscript nested_tests.R nested_tests.json
suppressMessages({library(lavaan); library(jsonlite)})
HS <- HolzingerSwineford1939
three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
democracy <- paste("ind60 =~ x1 + x2 + x3", "dem60 =~ y1 + %sy2 + %sy3 + y4", "dem65 =~ y5 + %sy6 + %sy7 + y8",
                   "dem60 ~ ind60", "dem65 ~ ind60 + dem60", "y1 ~~ y5\ny2 ~~ y6", sep = "\n")
pairs <- list(
  fixed = list(data = "HolzingerSwineford1939", models = c(three, paste0(three, "\nvisual ~~ 0*speed")), opts = list()),
  residual = list(data = "HolzingerSwineford1939", models = c(paste0(three, "\nx1 ~~ x9\nx7 ~~ x8"), three), opts = list()),
  labels = list(data = "PoliticalDemocracy", models = c(sprintf(democracy, "", "", "", ""), sprintf(democracy, "a*", "b*", "a*", "b*")), opts = list()),
  groups = list(data = "HolzingerSwineford1939", models = c(three, three), opts = list(group = "school"),
                equal = c("loadings")),
  intercepts = list(data = "HolzingerSwineford1939", models = c(three, three), opts = list(group = "school", group.equal = "loadings"),
                    equal = c("loadings", "intercepts")),
  covariate = list(data = "HolzingerSwineford1939",
                   models = c("visual =~ x1 + x2 + x3\nvisual ~ ageyr + sex\nx1 ~ ageyr", "visual =~ x1 + x2 + x3\nvisual ~ ageyr + 0*sex\nx1 ~ 0*ageyr"), opts = list()))
variants <- list(list(), list(method = "satorra.bentler.2001"), list(method = "satorra.bentler.2010"),
                 list(method = "satorra.2000"), list(method = "satorra.2000", scaled.shifted = FALSE),
                 list(method = "satorra.2000", A.method = "exact"),
                 list(method = "satorra.2000", A.method = "exact", scaled.shifted = FALSE))
data <- list(HolzingerSwineford1939 = HS, PoliticalDemocracy = PoliticalDemocracy)
out <- list()
for (name in names(pairs)) for (estimator in c("MLR", "MLM", "MLMV", "MLMVS", "ULSMV", "WLSMV")) {
  pair <- pairs[[name]]
  if (name == "covariate" && !(estimator %in% c("MLR", "MLM"))) next
  opts <- c(pair$opts, list(estimator = estimator))
  second <- if (is.null(pair$equal)) opts else c(opts[names(opts) != "group.equal"], list(group.equal = pair$equal))
  sets <- list(opts, second)
  fits <- lapply(1:2, function(k) suppressWarnings(do.call("sem", c(list(pair$models[k], data = data[[pair$data]]), sets[[k]]))))
  for (args in variants) {
    found <- tryCatch({
      t <- as.data.frame(suppressWarnings(do.call("lavTestLRT", c(fits, args))))
      list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"])
    }, error = function(e) list(error = conditionMessage(e)))
    out[[length(out) + 1]] <- list(name = name, data = pair$data, models = pair$models, options = sets, args = args, expected = found)
  }
}
write(toJSON(out, auto_unbox = TRUE, digits = 10, pretty = FALSE), commandArgs(TRUE)[1])
