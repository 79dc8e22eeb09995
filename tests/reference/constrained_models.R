# What lavaan makes of constraints and bounds, one entry a case; run in this folder:
# Rscript constrained_models.R constrained_models.json
suppressMessages({library(lavaan); library(jsonlite)})
folder <- file.path("..", "..", "..", "shared", "reference", "data")
THREE <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + e*x8 + f*x9\n"
TWO <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\n"
BY <- "visual =~ x1 + c(a1, a2)*x2 + c(b1, b2)*x3\ntextual =~ x4 + c(d1, d2)*x5 + x6\n"
MEANS <- paste0(TWO, "x1 ~ i1*1\nx2 ~ i2*1\nx3 ~ i3*1\nx4 ~ i4*1\nx5 ~ i5*1\nx6 ~ i6*1\n")
PATH <- "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b\n"
DEMOCRACY <- paste0("ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + d*y6 + e*y7 + f*y8\n",
                    "dem60 ~ g1*ind60\ndem65 ~ g2*ind60 + g3*dem60\ntotal := g2 + g1*g3\n")
HEYWOOD <- "f =~ y1 + y2 + y3"
out <- list()
ask <- function(name, model, ..., data = "HolzingerSwineford1939", fun = "cfa") {
  D <- read.csv(file.path(folder, paste0(data, ".csv")))
  said <- character()
  entry <- list(fun = fun, model = model, data = paste0(data, ".csv"), options = list(...))
  fit <- tryCatch(withCallingHandlers(do.call(fun, c(list(model = model, data = D), list(...))),
                                      warning = function(w) {said <<- c(said, conditionMessage(w)); invokeRestart("muffleWarning")}),
                  error = function(e) conditionMessage(e))
  entry$warnings <- as.list(said)
  if (is.character(fit)) {
    entry$expected <- list(error = fit)
  } else {
    entry$expected <- list(converged = lavInspect(fit, "converged"))
    if (lavInspect(fit, "converged")) {
      known <- c("npar", "chisq", "df", "pvalue", "chisq.scaled", "df.scaled", "chisq.scaling.factor", "logl", "aic", "bic",
                 "rmsea", "cfi", "srmr")
      found <- fitMeasures(fit)
      table <- parameterEstimates(fit, remove.eq = FALSE, remove.ineq = FALSE, remove.system.eq = FALSE)
      table <- table[!table$op %in% c("==", "<", ">"), ]
      keep <- intersect(c("lhs", "op", "rhs", "group", "est", "se", "pvalue"), names(table))
      entry$expected$fit <- as.list(found[intersect(known, names(found))])
      entry$expected$parameters <- as.list(table[keep])
    }
  }
  out[[name]] <<- entry
}
# equalities, linear
ask("equal loadings", paste0(THREE, "a == b\nc == d"))
ask("redundant equalities", paste0(THREE, "a == b\nb == e\na == e"))
ask("a parameter held at a number", paste0(THREE, "a == .6"))
ask("a sum held at a number", paste0(THREE, "a + b + 2*c == 3.2"))
ask("equality of a defined parameter", paste0(THREE, "total := a + b\ntotal == 1.1"))
ask("equality, robust ML", paste0(THREE, "a == b\nc == e"), estimator = "MLR")
ask("equality, Satorra-Bentler", paste0(THREE, "a == b\nc == e"), estimator = "MLM")
ask("equality, scaled and shifted", paste0(THREE, "a == b\nc == e"), estimator = "MLMV")
ask("equality, Wishart, observed", paste0(THREE, "a == b\nc == e"), likelihood = "wishart", information = "observed")
ask("equality, GLS", paste0(THREE, "a == b\nc == e"), estimator = "GLS")
ask("equality, ULS", paste0(THREE, "a == b\nc == e"), estimator = "ULS")
ask("equality, WLS", paste0(TWO, "a == b"), estimator = "WLS")
ask("equality, ULS, robust", paste0(TWO, "a == b"), estimator = "ULSMV")
ask("equality, incomplete rows", paste0(THREE, "a == b\nc == e"), missing = "fiml", data = "hs_missing")
ask("equality, incomplete rows, robust", paste0(THREE, "a == b\nc == e"), missing = "fiml", estimator = "MLR", data = "hs_missing")
ask("variances in proportion", paste0(TWO, "x1 ~~ v1*x1\nx2 ~~ v2*x2\nx4 ~~ v4*x4\nv1 == v2\nv4 == v2/3"))
# over groups and means
ask("equality over groups", paste0(BY, "a1 == a2\nb1 == b2"), group = "school")
ask("curved equality over groups", paste0(BY, "a1^2 == a2\nb1*b2 == d1"), group = "school")
ask("active inequality over groups", paste0(BY, "a1 < a2\nb1 > b2 + .2"), group = "school")
ask("groups, equal loadings and one more", "visual =~ x1 + a*x2 + b*x3\na == b - .2", group = "school", group.equal = c("loadings"))
ask("scalar invariance and an equality", paste0("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\n",
    "visual ~ c(m1, m2)*1\ntextual ~ c(n1, n2)*1\nm1 == 0\nn1 == 0\nm2 == -n2/4"), group = "school", group.equal = c("loadings", "intercepts"))
ask("equal means", paste0(MEANS, "i1 == i4 + 1.8\ni2 == 6"))
ask("curved equality of means", paste0(MEANS, "i1*i4 == 15\nlog(i2) == 1.8"), estimator = "MLR")
# curved
ask("indirect effect held", paste0(PATH, "a*b == .3"), data = "Tal_Or", fun = "sem")
ask("direct equals indirect", paste0(PATH, "cp == a*b"), data = "Tal_Or", fun = "sem")
ask("direct equals indirect, x not fixed", paste0(PATH, "cp == a*b"), data = "Tal_Or", fun = "sem", fixed.x = FALSE)
ask("direct equals indirect, MLR", paste0(PATH, "cp == a*b"), data = "Tal_Or", fun = "sem", estimator = "MLR")
ask("functions", paste0(THREE, "log(a) == b - 1.3\nsqrt(c) == exp(d)/2.4\ne/f == 1.1"))
ask("correlation held", paste0(TWO, "visual ~~ r*textual\nvisual ~~ v1*visual\ntextual ~~ v2*textual\nr/sqrt(v1*v2) == .5"))
ask("correlation held, standardized factors", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ r*textual\nr == .5", std.lv = TRUE)
ask("democracy", paste0(DEMOCRACY, "a == d\nb == e\nc == f\ng1*g3 == 1.1"), data = "PoliticalDemocracy", fun = "sem")
ask("curved, GLS", paste0(TWO, "a*b == .5"), estimator = "GLS")
ask("curved, ULS robust", paste0(TWO, "a*b == .5"), estimator = "ULSM")
ask("curved, incomplete rows", paste0(THREE, "a*b == c - .6"), missing = "fiml", data = "hs_missing")
# inequalities
ask("two sides", paste0(TWO, "a > .6\na < .65"))
ask("an order", paste0(THREE, "a < b\nb < c\nc < d\nd < e"))
ask("active, robust", paste0(TWO, "a > .75\nb < c"), estimator = "MLR")
ask("active, Satorra-Bentler", paste0(TWO, "a > .75"), estimator = "MLM")
ask("active and an equality", paste0(THREE, "a == b\na > .8\ne*f > 1.5"))
ask("active, incomplete rows", paste0(TWO, "a > .75"), missing = "fiml", data = "hs_missing")
ask("variance above zero", paste0(HEYWOOD, "\ny1 ~~ v*y1\nv > 0"), data = "heywood")
ask("inequality of a defined parameter", paste0(PATH, "indirect > .4"), data = "Tal_Or", fun = "sem")
# what cannot be
ask("contradiction", paste0(TWO, "a == .5\na == .6"))
ask("a label that is not there", paste0(TWO, "a == zzz"))
# bounds
for (kind in c("standard", "pos.var", "pos.ov.var", "pos.lv.var", "wide", "default", "none")) {
  ask(paste("bounds", kind, "Heywood"), HEYWOOD, bounds = kind, data = "heywood")
  ask(paste("bounds", kind, "Holzinger"), paste0(THREE), bounds = kind)
  ask(paste("bounds", kind, "standardized"), THREE, bounds = kind, std.lv = TRUE)
}
ask("bounds and groups", BY, bounds = "standard", group = "school")
ask("bounds, democracy", DEMOCRACY, bounds = "standard", data = "PoliticalDemocracy", fun = "sem")
ask("limits of its own and an equality", paste0("visual =~ x1 + lower(.8)*x2 + b*x3\nb == 1\nb > 0"))
ask("bounds, robust", HEYWOOD, bounds = "pos.var", estimator = "MLR", data = "heywood")
write(toJSON(out, auto_unbox = TRUE, digits = 12, null = "null", na = "null"), commandArgs(TRUE)[1])
