# What lavaan makes of incomplete rows; run in this folder, with the folder of the data and the file to write:
#   Rscript lavaan_missing.R ../../../shared/reference/data lavaan_missing.json [only the names that match]
# Holes are made by rule, so that the test makes the same: see `pierced`. lavaan's EM stops at 1e-5 unless told.
suppressMessages({library(lavaan); library(jsonlite)})
arguments <- commandArgs(TRUE)
read <- function(name) read.csv(file.path(arguments[1], paste0(name, ".csv")))
pierced <- function(frame, columns, share) {
  for (j in seq_along(columns)) {
    i <- seq_len(nrow(frame))
    frame[[columns[j]]][(i * 7919 + j * 10473 + i * j * 31) %% 1000 < 1000 * share] <- NA
  }
  frame
}
items <- paste0("x", 1:9)
H <- read("HolzingerSwineford1939")
H$cl <- (seq_len(301) - 1) %% 43
H$w <- 1 + (seq_len(301) * 37) %% 61 / 30
P <- read("PoliticalDemocracy")
G <- read("Demo.growth")
data <- list(
  hs05 = pierced(H, items, .05), hs20 = pierced(H, items, .20), hsx = pierced(H, c(items, "ageyr"), .10),
  pd05 = pierced(P, c(paste0("y", 1:8), paste0("x", 1:3)), .05),
  pd20 = pierced(P, c(paste0("y", 1:8), paste0("x", 1:3)), .20),
  g10 = pierced(G, paste0("t", 1:4), .10), gc = pierced(G, c(paste0("t", 1:4), paste0("c", 1:4)), .10))

data$g10$half <- rep(c("a", "b"), 200)
data$few <- data$hs20[1:40, ]
data$full <- H
data$once <- H
data$once$x2[17] <- NA

three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
two <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
mimic <- paste0(three, "\nvisual ~ sex + ageyr\ntextual ~ visual + sex\nspeed ~ ageyr")
one <- "g =~ x1 + x2 + x3 + x4"
tau <- "g =~ x1 + a*x2 + a*x3 + a*x4 + x5"
labels <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\ntextual ~ e*visual\na == b\ns := e * c\nt := c - d"
curved <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\na == exp(b) - 1"
higher <- paste0(three, "\ng =~ visual + textual + speed")
paths <- "x4 ~ a*x1 + x2\nx5 ~ b*x4 + x1\nx6 ~ x5 + x4\nab := a * b"
twocov <- "x4 ~ x1 + sex + ageyr\nx5 ~ x4 + sex\nx4 ~~ 0*x5"
democracy <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + a*y6 + b*y7 + c*y8
dem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
free_democracy <- gsub("[abc]\\*", "", democracy)
short_democracy <- "dem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem65 ~ dem60\ny1 ~~ y5"
line <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4"
line_x <- paste0(line, "\ni ~ x1 + x2\ns ~ x1 + x2")
line_c <- paste0(line_x, "\nt1 ~ c1\nt2 ~ c2\nt3 ~ c3\nt4 ~ c4")
latent_mean <- paste0(two, "\nx1 ~ 0*1\nvisual ~ 1\ntextual ~~ 0*visual")
bayley <- "visual =~ x1 + x2 + x3\nx2 ~~ v*x2\nx3 ~~ v*x3\nx1 ~ m*1\nx2 ~ m*1"

out <- list()
plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; x }
first_rows <- function(x) unname(head(if (is.list(x)) x[[1]] else unclass(x), 12))
dotless <- function(x) as.list(setNames(as.numeric(x), gsub(".", "_", names(x), fixed = TRUE)))
ask <- function(name, text, origin, ..., fun = "sem", extra = character(0)) {
  if (length(arguments) > 2 && !grepl(arguments[3], name)) return(invisible())
  given <- list(...)
  make <- function(model) {
    # the search of a tighter rule often ends without lavaan's leave; then its usual one
    fit <- try(run(model, list(rel.tol = 1e-13)), silent = TRUE)
    if (inherits(fit, "try-error") || !lavInspect(fit, "converged")) run(model, list()) else fit
  }
  run <- function(model, control) {
    do.call(fun, c(list(model, data = data[[origin]]), given, list(em.h1.tol = 1e-10, em.h1.iter.max = 10000L, control = control)))
  }
  expected <- tryCatch({
    fit <- suppressWarnings(make(text))
    p <- plain(parameterEstimates(fit, remove.def = FALSE))
    s <- standardizedSolution(fit)
    keep <- c("lhs", "op", "rhs", "group", "est", "se")
    found <- list(fit = dotless(fitMeasures(fit)), params = p[, intersect(keep, names(p))],
                  std = list(est = s$est.std, se = s$se))
    for (one in extra) found[[one]] <- switch(one,
      regression = first_rows(lavPredict(fit, method = "regression")),
      bartlett = first_rows(lavPredict(fit, method = "Bartlett")),
      mi = plain(modindices(fit, sort. = TRUE, maximum.number = 12))[, c("lhs", "op", "rhs", "mi", "epc", "sepc.all")],
      implied = plain(fitted(fit)[c("cov", "mean")]),
      residuals = list(cov = plain(residuals(fit, type = "cor.bentler")$cov)),
      score = { z <- lavTestScore(fit); list(total = z$test$X2, each = z$uni$X2) },
      wald = lavTestWald(fit, "e == 0.5")[c("stat", "df", "p.value")],
      r2 = as.list(inspect(fit, "r2")),
      equal = {
        other <- suppressWarnings(make(gsub("^(visual =~ x1 \\+) x2", "\\1 1*x2", text)))
        ask_lrt(other, fit)
      })
    found
  }, error = function(e) list(error = conditionMessage(e)))
  out[[length(out) + 1]] <<- list(name = name, text = text, data = origin, fun = fun, given = given, expected = expected)
}
ask_lrt <- function(m0, m1) {
  one <- function(...) {
    z <- tryCatch(suppressWarnings(lavTestLRT(m1, m0, ...)), error = function(e) NULL)
    if (is.null(z)) NULL else list(chisq = z[2, "Chisq diff"], df = z[2, "Df diff"], p = z[2, "Pr(>Chisq)"])
  }
  list(default = one(), sb2001 = one(method = "satorra.bentler.2001"), sb2010 = one(method = "satorra.bentler.2010"),
       s2000 = one(method = "satorra.2000"), s2000_exact = one(method = "satorra.2000", A.method = "exact"),
       s2000_plain = one(method = "satorra.2000", scaled.shifted = FALSE))
}

for (set in c("hs05", "hs20")) for (e in c("ML", "MLR", "MLF")) ask(paste(set, e), three, set, missing = "fiml", estimator = e)
ask("everything", three, "hs20", missing = "fiml", extra = c("regression", "bartlett", "mi", "implied", "residuals", "r2", "equal"))
ask("everything, MLR", three, "hs20", missing = "fiml", estimator = "MLR", extra = c("regression", "bartlett", "mi", "equal"))
ask("std_lv", three, "hs20", missing = "fiml", std.lv = TRUE)
ask("orthogonal", three, "hs20", missing = "fiml", orthogonal = TRUE)
ask("effect coding", three, "hs05", missing = "fiml", effect.coding = TRUE)
ask("expected", three, "hs20", missing = "fiml", information = "expected")
ask("first order", three, "hs20", missing = "fiml", information = "first.order")
ask("expected, MLR", three, "hs20", missing = "fiml", estimator = "MLR", information = "expected")
ask("se robust", three, "hs20", missing = "fiml", se = "robust")
ask("yuan.bentler", three, "hs20", missing = "fiml", test = "yuan.bentler", se = "robust.huber.white")
ask("yuan.bentler.mplus, no se", three, "hs20", missing = "fiml", test = "yuan.bentler.mplus", se = "none")
ask("MLR, se standard", three, "hs20", missing = "fiml", estimator = "MLR", se = "standard")
ask("satorra.bentler", three, "hs20", missing = "fiml", test = "satorra.bentler")
ask("scaled.shifted", three, "hs20", missing = "fiml", test = "scaled.shifted")
ask("mean.var.adjusted", three, "hs20", missing = "fiml", test = "mean.var.adjusted")
ask("one factor", one, "hs20", missing = "fiml", extra = c("mi", "r2"))
ask("just identified", "g =~ x1 + x2 + x3", "hs20", missing = "fiml")
ask("tau-equivalent", tau, "hs20", missing = "fiml", extra = c("score", "mi"))
ask("tau-equivalent, MLR", tau, "hs20", missing = "fiml", estimator = "MLR", extra = "score")
ask("labels", labels, "hs20", missing = "fiml", extra = c("score", "wald"))
ask("labels, MLR", labels, "hs20", missing = "fiml", estimator = "MLR", extra = c("wald"))
ask("nonlinear equality", curved, "hs05", missing = "fiml")
ask("second order", higher, "hs20", missing = "fiml", extra = c("regression", "r2"))
ask("latent mean", latent_mean, "hs20", missing = "fiml")
ask("equal variances and means", bayley, "hs20", missing = "fiml", extra = "score")
ask("group", three, "hs05", missing = "fiml", group = "school", extra = c("regression"))
ask("group 20, MLR", two, "hs20", missing = "fiml", group = "school", estimator = "MLR")
ask("group, loadings", two, "hs05", missing = "fiml", group = "school", group.equal = "loadings", extra = c("score"))
ask("group, loadings and intercepts, MLR", two, "hs20", missing = "fiml", group = "school", estimator = "MLR", group.equal = c("loadings", "intercepts"))
ask("group, strict", two, "hs05", missing = "fiml", group = "school", group.equal = c("loadings", "intercepts", "residuals"))
ask("group, partial", two, "hs05", missing = "fiml", group = "school", group.equal = c("loadings", "intercepts"), group.partial = c("visual=~x2", "x2~1"))
ask("group, MLF", two, "hs05", missing = "fiml", group = "school", estimator = "MLF")
ask("group, std_lv, means", two, "hs20", missing = "fiml", group = "school", std.lv = TRUE, group.equal = c("loadings", "intercepts", "means"))
ask("covariates", mimic, "hs05", missing = "fiml", extra = c("mi", "regression"))
ask("covariates, MLR", mimic, "hs20", missing = "fiml", estimator = "MLR")
ask("covariates, free", mimic, "hs20", missing = "fiml", fixed.x = FALSE)
ask("covariates, free, MLR", mimic, "hs20", missing = "fiml", fixed.x = FALSE, estimator = "MLR")
ask("covariates missing", mimic, "hsx", missing = "fiml")
ask("covariates missing, free", mimic, "hsx", missing = "fiml", fixed.x = FALSE)
ask("covariates missing, kept", mimic, "hsx", missing = "fiml.x")
ask("covariates missing, kept, MLR", mimic, "hsx", missing = "ml.x", estimator = "MLR")
ask("covariates by group", paste0(two, "\nvisual ~ sex\ntextual ~ visual + ageyr"), "hs05", missing = "fiml", group = "school")
ask("covariates missing by group", paste0(two, "\nvisual ~ ageyr\ntextual ~ visual"), "hsx", missing = "fiml", group = "school", estimator = "MLR")
ask("paths", paths, "hs20", missing = "fiml")
ask("paths, free", paths, "hs20", missing = "fiml", fixed.x = FALSE)
ask("paths, kept", paths, "hs20", missing = "fiml.x")
ask("paths, kept, MLR", paths, "hs20", missing = "fiml.x", estimator = "MLR")
ask("paths and covariates", twocov, "hs05", missing = "fiml")
ask("paths and covariates, MLR", twocov, "hs05", missing = "fiml", estimator = "MLR")
ask("clusters", two, "hs05", missing = "fiml", cluster = "cl")
ask("clusters by group", two, "hs05", missing = "fiml", cluster = "cl", group = "school")
ask("weights", two, "hs05", missing = "fiml", sampling.weights = "w")
for (set in c("pd05", "pd20")) for (e in c("ML", "MLR")) ask(paste(set, e), democracy, set, missing = "fiml", estimator = e, extra = "score")
ask("pd free", free_democracy, "pd05", missing = "fiml", extra = c("regression", "bartlett", "mi"))
ask("pd free 20", free_democracy, "pd20", missing = "fiml", std.lv = TRUE)
ask("pd short, MLR", short_democracy, "pd20", missing = "fiml", estimator = "MLR")
ask("growth", line, "g10", missing = "fiml", fun = "growth", extra = c("regression", "r2", "mi"))
ask("growth, MLR", line, "g10", missing = "fiml", fun = "growth", estimator = "MLR")
ask("growth, covariates", line_x, "g10", missing = "fiml", fun = "growth")
ask("growth, varying covariates", line_c, "g10", missing = "fiml", fun = "growth", estimator = "MLR")
ask("growth, missing covariates", line_c, "gc", missing = "fiml", fun = "growth")
ask("growth, missing covariates kept", line_c, "gc", missing = "ml.x", fun = "growth")
for (m in c("two.stage", "robust.two.stage")) {
  ask(m, three, "hs20", missing = m, extra = c("regression", "mi"))
  ask(paste(m, "05"), three, "hs05", missing = m)
  ask(paste(m, "group"), two, "hs05", missing = m, group = "school")
  ask(paste(m, "group, equal"), two, "hs20", missing = m, group = "school", group.equal = c("loadings", "intercepts"))
  ask(paste(m, "labels"), labels, "hs20", missing = m)
  ask(paste(m, "paths"), paths, "hs20", missing = m)
  ask(paste(m, "growth"), line, "g10", missing = m, fun = "growth")
  ask(paste(m, "MLR"), two, "hs05", missing = m, estimator = "MLR")
  ask(paste(m, "pd"), free_democracy, "pd05", missing = m)
}
for (e in c("ML", "GLS", "ULS", "WLS", "DWLS", "MLR", "MLM")) ask(paste("pairwise", e), two, "hs05", missing = "pairwise", estimator = e)
ask("pairwise, means", two, "hs20", missing = "pairwise", meanstructure = TRUE)
ask("pairwise, group", two, "hs05", missing = "pairwise", group = "school")
ask("pairwise, covariates", paste0(two, "\nvisual ~ ageyr"), "hsx", missing = "pairwise")
ask("more: growth by group", line, "g10", missing = "fiml", fun = "growth", group = "half")
ask("more: growth by group, equal means, MLR", line, "g10", missing = "fiml", fun = "growth", group = "half", estimator = "MLR", group.equal = "means")
ask("more: inequality", "visual =~ x1 + a*x2 + b*x3\na > b + 0.1", "hs05", missing = "fiml")
ask("more: bounds", two, "hs20", missing = "fiml", bounds = "standard")
ask("more: effect coding by group, MLR", two, "hs20", missing = "fiml", group = "school", effect.coding = "loadings", estimator = "MLR")
ask("more: few rows", one, "few", missing = "fiml", extra = "mi")
ask("more: few rows, MLR", tau, "few", missing = "fiml", estimator = "MLR")
ask("more: no missing value", two, "full", missing = "fiml")
ask("more: no missing value, MLR", two, "full", missing = "fiml", estimator = "MLR")
ask("more: one value missing", two, "once", missing = "fiml", estimator = "MLR", extra = "bartlett")
ask("more: moderated covariates by group, MLR", paste0(two, "\nvisual ~ sex + ageyr\ntextual ~ a*visual + sex"), "hs20", missing = "fiml", group = "school", estimator = "MLR", extra = c("mi"))
ask("more: democracy, two stages, std_lv", short_democracy, "pd05", missing = "robust.two.stage", std.lv = TRUE)
ask("more: wishart", two, "hs05", missing = "fiml", likelihood = "wishart")
write(toJSON(out, auto_unbox = TRUE, digits = 12, null = "null", na = "null"), arguments[2])
