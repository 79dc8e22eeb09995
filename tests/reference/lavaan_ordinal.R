# What lavaan makes of models with ordered variables, one case a call, in the schema of the reference battery.
# Run in this folder: Rscript lavaan_ordinal.R DATA lavaan_ordinal.json, DATA the battery's folder of CSV files.
suppressMessages({library(lavaan); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
O <- paste0("o", 1:9)
U <- paste0("u", 1:8)
B <- c(paste0("A", 1:5), paste0("C", 1:5))
THREE <- "visual =~ o1 + o2 + o3\ntextual =~ o4 + o5 + o6\nspeed =~ o7 + o8 + o9"
TWO <- "f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + u6 + u7 + u8"
LSAT <- "theta =~ Q1 + Q2 + Q3 + Q4 + Q5"
MIXED <- "visual =~ x1 + x2 + o3\ntextual =~ o4 + x5 + o6"
BIG <- "A =~ A1 + A2 + A3 + A4 + A5\nC =~ C1 + C2 + C3 + C4 + C5"
out <- list()
plain <- function(x) { x <- unclass(x); if (is.numeric(x)) signif(x, 8) else x }
columns <- function(frame) lapply(as.list(as.data.frame(frame)), plain)
indices <- c("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "nfi", "ifi",
  "rni", "ntotal", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr", "gfi", "agfi",
  "chisq.scaled", "df.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq.scaled",
  "baseline.df.scaled", "cfi.scaled", "tli.scaled", "cfi.robust", "tli.robust", "rmsea.scaled",
  "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "rmsea.robust", "rmsea.ci.lower.robust",
  "rmsea.ci.upper.robust")
tables <- function(fit) {
  found <- fitMeasures(fit)
  parameters <- parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)
  parameters <- parameters[!parameters$op %in% c("==", "<", ">"), ]
  wanted <- c("lhs", "op", "rhs", "group", "est", "se", "std.lv", "std.all")
  parameters <- parameters[, intersect(wanted, names(parameters))]
  standard <- standardizedSolution(fit)
  standard <- standard[!standard$op %in% c("==", "<", ">"), ]
  if (nrow(standard) == nrow(parameters)) parameters$std.all.se <- standard$se
  labels <- lavInspect(fit, "group.label")
  r2 <- lavInspect(fit, "r2")
  list(converged = lavInspect(fit, "converged"), post_check = lavInspect(fit, "post.check"),
       group_label = as.list(labels), parameters = columns(parameters),
       fit = lapply(as.list(found[intersect(indices, names(found))]), plain),
       r2 = if (length(labels)) lapply(r2, function(x) as.list(plain(x))) else as.list(plain(r2)))
}
ask <- function(id, model, data, fun = "cfa", extra = function(fit) list(), ...) {
  options <- list(...)
  call <- c(list(model = model, data = read(data)), options)
  input <- list(fun = fun, model = model, data = paste0("data/", data, ".csv"), options = options)
  # lavaan stops with a gradient of thresholds left; in the delta parameterization, the same model, it does not
  loose <- id == "covariates-theta"
  case <- list(id = id, kind = "sem", tags = list(), tolerance = if (loose) "3e-4" else "1e-4", input = input)
  case$expected <- tryCatch({
    tight <- c(call, list(control = list(rel.tol = 1e-14, iter.max = 2000L, eval.max = 4000L)))
    fit <- tryCatch(suppressWarnings(do.call(fun, tight)), error = function(e) NULL)
    if (is.null(fit) || !lavInspect(fit, "converged")) fit <- suppressWarnings(do.call(fun, call))
    suppressWarnings(c(tables(fit), extra(fit)))
  }, error = function(e) list(error = conditionMessage(e)))
  out[[length(out) + 1]] <<- case
  message(id, if (!is.null(case$expected$error)) paste(" ERROR", case$expected$error) else
          if (!case$expected$converged) " NOT CONVERGED" else "")
}
mi <- function(fit) {
  found <- modificationIndices(fit)
  found <- found[found$op != "~*~", ]  # scales are no parameters of the theta parameterization
  keep <- intersect(c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.all"), names(found))
  list(modification_indices = columns(found[, keep]))
}
scores <- function(...) function(fit) {
  made <- list()
  for (method in c(...)) {
    found <- lavPredict(fit, method = toupper(method))
    if (is.list(found)) found <- do.call(rbind, lapply(found, function(x) x[1:20, , drop = FALSE]))
    found <- found[1:min(40, nrow(found)), , drop = FALSE]
    made[[paste0("scores_", method)]] <- list(cols = as.list(colnames(found)), values = plain(found))
  }
  made
}
implied <- function(fit) {
  found <- list(lavInspect(fit, "cov.ov"), lavInspect(fit, "thresholds"), resid(fit)$cov)
  names(found) <- c("cov", "th", "residuals")
  list(implied = lapply(found, function(x) {
    if (is.matrix(x)) list(rows = rownames(x), values = plain(x)) else as.list(plain(x))
  }))
}

for (e in c("WLS", "DWLS", "ULS", "WLSM", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")) {
  ask(paste0("theta-", tolower(e)), TWO, "datCat", ordered = U, estimator = e, parameterization = "theta")
  ask(paste0("mixed-", tolower(e)), MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), estimator = e)
}
ask("dwls-robust", THREE, "hs_ordinal", ordered = O, estimator = "DWLS", se = "robust.sem")
ask("dwls-shifted", THREE, "hs_ordinal", ordered = O, estimator = "DWLS", test = "scaled.shifted")
ask("uls-robust", THREE, "hs_ordinal", ordered = O, estimator = "ULS", se = "robust.sem",
    test = "satorra.bentler")
ask("wlsmv-standard", TWO, "datCat", ordered = U, se = "standard")
ask("wlsmv-plain-test", TWO, "datCat", ordered = U, test = "standard")
ask("delta-indices-scores", TWO, "datCat", ordered = U, extra = function(fit) c(mi(fit), scores("ebm", "ml")(fit), implied(fit)))
ask("theta-indices", TWO, "datCat", ordered = U, parameterization = "theta",
    extra = function(fit) c(mi(fit), implied(fit)))
ask("std-lv-theta", THREE, "hs_ordinal", ordered = O, std.lv = TRUE, parameterization = "theta")
ask("orthogonal", THREE, "hs_ordinal", ordered = O, orthogonal = TRUE)
ask("binary", LSAT, "lsat6", ordered = paste0("Q", 1:5), extra = scores("ebm"))
ask("binary-theta", LSAT, "lsat6", ordered = paste0("Q", 1:5), parameterization = "theta", std.lv = TRUE)
ask("binary-equal-loadings", "theta =~ a*Q1 + a*Q2 + a*Q3 + a*Q4 + a*Q5", "lsat6",
    ordered = paste0("Q", 1:5), std.lv = TRUE)
ask("binary-rasch-theta", "theta =~ a*Q1 + a*Q2 + a*Q3 + a*Q4 + a*Q5", "lsat6",
    ordered = paste0("Q", 1:5), std.lv = TRUE, parameterization = "theta")
for (own in list("loadings", c("thresholds", "loadings"), c("thresholds", "loadings", "residuals")))
  for (p in c("delta", "theta"))
    ask(paste("binary-groups", p, length(own)), "f =~ b1 + b2 + b3", "hs_ordinal", ordered = paste0("b", 1:3),
        group = "school", group.equal = own, parameterization = p)
ask("mixed-scores", MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), extra = function(fit)
    c(mi(fit), scores("ebm")(fit), implied(fit)))
ask("mixed-theta-indices", MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), parameterization = "theta",
    extra = mi)
sets <- list(none = "", thresholds = "thresholds", loadings = "loadings",
             metric = c("thresholds", "loadings"),
             scalar = c("thresholds", "loadings", "intercepts"),
             strict = c("thresholds", "loadings", "intercepts", "residuals"),
             variances = c("thresholds", "loadings", "lv.variances", "lv.covariances"),
             means = c("thresholds", "loadings", "means"),
             regressions = c("thresholds", "loadings", "intercepts", "residuals", "means", "lv.variances",
                             "lv.covariances"))
for (p in c("delta", "theta")) for (s in names(sets)) {
  if (s == "none")
    ask(paste0("groups-", p, "-", s), TWO, "datCat", ordered = U, group = "g", parameterization = p)
  else
    ask(paste0("groups-", p, "-", s), TWO, "datCat", ordered = U, group = "g", parameterization = p,
        group.equal = sets[[s]])
}
ask("groups-partial", TWO, "datCat", ordered = U, group = "g", group.equal = c("thresholds", "loadings"),
    group.partial = c("f1=~u2", "u2|t1"))
ask("groups-std-lv", TWO, "datCat", ordered = U, group = "g", std.lv = TRUE,
    group.equal = c("thresholds", "loadings"))
ask("groups-ulsmv", TWO, "datCat", ordered = U, group = "g", estimator = "ULSMV",
    group.equal = c("thresholds", "loadings"))
ask("groups-wls", TWO, "datCat", ordered = U, group = "g", estimator = "WLS", group.equal = "loadings")
ask("groups-wlsm-theta", TWO, "datCat", ordered = U, group = "g", estimator = "WLSM",
    parameterization = "theta", group.equal = "loadings")
ask("groups-indices", TWO, "datCat", ordered = U, group = "g", group.equal = c("thresholds", "loadings"),
    extra = mi)
ask("groups-indices-theta", TWO, "datCat", ordered = U, group = "g", parameterization = "theta",
    group.equal = c("thresholds", "loadings"), extra = mi)
ask("groups-mixed", MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), group = "school")
ask("groups-mixed-equal", MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), group = "school",
    group.equal = c("thresholds", "loadings", "intercepts"))
ask("groups-mixed-equal-theta", MIXED, "hs_ordinal", ordered = c("o3", "o4", "o6"), group = "school",
    group.equal = c("thresholds", "loadings", "intercepts"), parameterization = "theta")
ask("groups-pairwise", BIG, "bfi", ordered = B, group = "gender", missing = "pairwise")
ask("groups-pairwise-equal", BIG, "bfi", ordered = B, group = "gender", missing = "pairwise",
    group.equal = c("thresholds", "loadings"))
ask("pairwise-theta", BIG, "bfi", ordered = B, missing = "pairwise", parameterization = "theta")
ask("pairwise-ulsmv", BIG, "bfi", ordered = B, missing = "pairwise", estimator = "ULSMV",
    extra = scores("ebm"))
ask("pairwise-mixed", "A =~ A1 + A2 + A3\nC =~ C1 + C2 + C3", "bfi", ordered = c("A2", "A3", "C1"),
    missing = "pairwise")
ask("listwise", BIG, "bfi", ordered = B)
ask("covariates-mixed", paste(MIXED, "visual ~ sex + ageyr\ntextual ~ sex", sep = "\n"), "hs_ordinal", "sem",
    ordered = c("o3", "o4", "o6"))
ask("covariates-theta", paste(THREE, "visual ~ ageyr\ntextual ~ visual + sex", sep = "\n"), "hs_ordinal",
    "sem", ordered = O, parameterization = "theta", extra = mi)
ask("covariates-scores", paste(THREE, "visual ~ ageyr\ntextual ~ visual + sex", sep = "\n"), "hs_ordinal",
    "sem", ordered = O, extra = scores("ebm"))
ask("covariates-groups", paste("visual =~ o1 + o2 + o3", "visual ~ ageyr", sep = "\n"), "hs_ordinal", "sem",
    ordered = O[1:3], group = "school", group.equal = c("thresholds", "loadings"))
ask("covariates-direct", "visual =~ o1 + o2 + o3\nvisual ~ ageyr\no3 ~ sex", "hs_ordinal", "sem",
    ordered = O[1:3])
ask("covariates-wls", "visual =~ o1 + o2 + o3\nvisual ~ ageyr + sex", "hs_ordinal", "sem",
    ordered = O[1:3], estimator = "WLS")
ask("probit", "o1 ~ x4 + ageyr", "hs_ordinal", "sem", ordered = "o1")
ask("probit-path-theta", "o1 ~ ageyr + sex\no4 ~ o1 + ageyr\no7 ~ o4 + o1", "hs_ordinal", "sem",
    ordered = c("o1", "o4", "o7"), parameterization = "theta")
ask("probit-mediation", "x4 ~ a*ageyr\no1 ~ b*x4 + c*ageyr\nab := a*b", "hs_ordinal", "sem", ordered = "o1")
ask("binary-path", "b1 ~ x4 + ageyr\nb2 ~ b1 + ageyr", "hs_ordinal", "sem", ordered = c("b1", "b2"))
ask("second-order", paste(THREE, "g =~ visual + textual + speed", sep = "\n"), "hs_ordinal", ordered = O,
    extra = scores("ebm"))
ask("second-order-theta", paste(THREE, "g =~ visual + textual + speed", sep = "\n"), "hs_ordinal",
    ordered = O, parameterization = "theta", std.lv = TRUE)
ask("bifactor", "a =~ u1 + u2 + u3 + u4 + u5 + u6 + u7 + u8\ns =~ u5 + u6 + u7 + u8", "datCat",
    ordered = U, orthogonal = TRUE)
ask("growth-equal", paste("i =~ 1*u1 + 1*u2 + 1*u3 + 1*u4\ns =~ 0*u1 + 1*u2 + 2*u3 + 3*u4",
    "u1 | a*t1 + b*t2 + c*t3 + d*t4\nu2 | a*t1 + b*t2 + c*t3 + d*t4\nu3 | a*t1 + b*t2 + c*t3 + d*t4",
    "u4 | a*t1 + b*t2 + c*t3 + d*t4\ni ~ 0*1\ns ~ 1", sep = "\n"), "datCat", "growth", ordered = U[1:4])
ask("growth-equal-theta", paste("i =~ 1*u1 + 1*u2 + 1*u3 + 1*u4\ns =~ 0*u1 + 1*u2 + 2*u3 + 3*u4",
    "u1 | a*t1 + b*t2 + c*t3 + d*t4\nu2 | a*t1 + b*t2 + c*t3 + d*t4\nu3 | a*t1 + b*t2 + c*t3 + d*t4",
    "u4 | a*t1 + b*t2 + c*t3 + d*t4\ni ~ 0*1\ns ~ 1", sep = "\n"), "datCat", "growth", ordered = U[1:4],
    parameterization = "theta")
ask("fixed-thresholds", paste(TWO, "u1 | -1.2*t1 + -0.3*t2", sep = "\n"), "datCat", ordered = U)
ask("equal-thresholds", paste(TWO, "u1 | a*t1\nu2 | a*t1", sep = "\n"), "datCat", ordered = U)
ask("equal-loadings-theta", "f1 =~ u1 + b*u2 + b*u3 + u4\nf2 =~ u5 + c*u6 + c*u7 + u8", "datCat",
    ordered = U, parameterization = "theta")
ask("constraint", "f1 =~ u1 + b*u2 + c*u3 + u4\nf2 =~ u5 + u6 + u7 + u8\nb == c", "datCat", ordered = U)
ask("free-scales", paste(TWO, "u1 ~*~ 1*u1", sep = "\n"), "datCat", ordered = U)
ask("correlated-residuals", paste(TWO, "u1 ~~ u2\nu5 ~~ u6", sep = "\n"), "datCat", ordered = U,
    parameterization = "theta")
ask("structural", "f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + u6 + u7 + u8\nf2 ~ f1", "datCat", "sem",
    ordered = U, extra = mi)
ask("three-categories-wls", "f =~ o1 + o2 + o3 + o4", "hs_ordinal", ordered = O[1:4], estimator = "WLS",
    parameterization = "theta", std.lv = TRUE)
ask("defined", paste0("f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + a*u6 + b*u7 + u8\nf2 ~ c*f1\nab := a*b\n",
    "ac := a*c"), "datCat", "sem", ordered = U)
ask("structural-groups", "f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + u6 + u7 + u8\nf2 ~ f1", "datCat", "sem",
    ordered = U, group = "g", group.equal = c("thresholds", "loadings", "regressions"))

lrt <- function(id, data, base, models, ...) {
  sets <- lapply(models, function(own) c(base, own))
  fits <- lapply(sets, function(own) suppressWarnings(do.call("cfa", c(own, list(data = read(data))))))
  inputs <- lapply(sets, function(own) list(model = own$model, fun = "cfa", opts = own[names(own) != "model"]))
  variants <- list(list(), list(method = "satorra.2000"), list(method = "satorra.bentler.2001"),
                   list(method = "satorra.2000", scaled.shifted = FALSE),
                   list(method = "satorra.2000", A.method = "exact"))
  if (identical(base$estimator, "DWLS")) variants <- variants[1]  # lavaan then ignores the method
  tables <- lapply(variants, function(args) {
    tryCatch({
      found <- as.data.frame(suppressWarnings(do.call("lavTestLRT", c(unname(fits), args))))
      list(name = paste(names(args), args, collapse = " "), args = args,
           table = c(list(model = as.character(seq_len(nrow(found)))), columns(found)))
    }, error = function(e) list(name = "", args = args, error = conditionMessage(e)))
  })
  out[[length(out) + 1]] <<- list(id = id, kind = "sem-lrt", tags = list(), tolerance = "1e-4",
    input = list(data = paste0("data/", data, ".csv"), models = inputs), expected = list(lrt = tables))
  message(id)
}
ladder <- list(configural = list(), thresholds = list(group.equal = "thresholds"),
               loadings = list(group.equal = c("thresholds", "loadings")),
               intercepts = list(group.equal = c("thresholds", "loadings", "intercepts")))
for (p in c("delta", "theta"))
  lrt(paste0("compare-groups-", p), "datCat", list(model = TWO, ordered = U, group = "g", parameterization = p),
      ladder[c(1, 3)])
lrt("compare-ladder-wlsmvs", "datCat", list(model = TWO, ordered = U, group = "g", estimator = "WLSMVS"),
    ladder[c(1, 3)])
lrt("compare-wlsm", "datCat", list(model = TWO, ordered = U, group = "g", estimator = "WLSM"), ladder[c(1, 3)])
lrt("compare-dwls", "datCat", list(model = TWO, ordered = U, group = "g", estimator = "DWLS"), ladder[c(1, 3)])
lrt("compare-models", "datCat", list(ordered = U), list(
  two = list(model = TWO), one = list(model = paste("f =~", paste(U, collapse = " + ")))))
lrt("compare-paths", "hs_ordinal", list(ordered = O), list(
  free = list(model = THREE), orthogonal = list(model = THREE, orthogonal = TRUE)))
out <- Filter(function(case) is.null(case$expected$error), out)  # models that lavaan could not fit
write(toJSON(out, auto_unbox = TRUE, null = "null", na = "null", digits = NA), commandArgs(TRUE)[2])
