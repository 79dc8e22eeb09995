# What lavaan makes of its options, one row a call; run in this folder: Rscript lavaan_options.R lavaan_options.json
suppressMessages({library(lavaan); library(jsonlite)})
D <- HolzingerSwineford1939
set.seed(1)
D$w <- runif(301) + .5
D$cl <- rep(1:43, 7)
M <- D
M$x1[1:20] <- NA
M$x5[11:40] <- NA
O <- D
for (v in paste0("x", 1:6)) O[[v]] <- as.integer(cut(O[[v]], 3))
keys <- c("estimator", "meanstructure", "fixed.x", "likelihood", "information", "se", "test",
          "sample.cov.rescale", "h1.information", "observed.information", "conditional.x")
model <- "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; visual ~ ageyr"
short <- "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6"
out <- list()
ask <- function(..., data = D, text = model) {
  given <- list(...)
  got <- tryCatch({
    x <- lavInspect(suppressWarnings(cfa(text, data = data, ...)), "options")[keys]
    x$information <- x$information[1]
    x$h1.information <- x$h1.information[1]
    x
  }, error = function(e) list(error = TRUE))
  out[[length(out) + 1]] <<- list(given = given, expected = got)
}
estimators <- c("ML", "GLS", "ULS", "WLS", "DWLS", "MLR", "MLM", "MLMV", "MLMVS", "MLF",
                "WLSM", "WLSMV", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")
for (e in estimators) ask(estimator = e)
for (m in c("fiml", "ml", "direct", "fiml.x")) for (e in c("ML", "MLR", "MLF", "MLM", "GLS")) ask(missing = m, estimator = e, data = M)
for (m in c("two.stage", "robust.two.stage")) for (e in c("ML", "MLR", "MLM")) ask(missing = m, estimator = e, data = M, text = short)
for (s in c("standard", "robust", "robust.sem", "robust.huber.white", "none", "first.order"))
  for (e in c("ML", "MLR", "MLM", "GLS", "ULS", "DWLS")) ask(se = s, estimator = e)
ask(se = "bootstrap", bootstrap = 2)
ask(se = "robust", missing = "fiml", data = M)
for (t in c("standard", "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted",
            "scaled.shifted", "bollen.stine", "browne.residual.adf", "browne.residual.nt", "none"))
  for (e in c("ML", "MLR", "GLS", "ULSMV")) {
    if (e != "ML" && t %in% c("bollen.stine", "none", "browne.residual.adf", "browne.residual.nt")) next
    ask(test = t, estimator = e, bootstrap = 2)
  }
for (i in c("expected", "observed", "first.order")) for (e in c("ML", "MLR", "MLM")) ask(information = i, estimator = e)
ask(information = "expected", missing = "fiml", data = M)
for (e in c("ML", "MLR", "MLM", "GLS", "ULS")) ask(likelihood = "wishart", estimator = e)
for (e in c("ML", "MLR", "MLM", "GLS")) ask(cluster = "cl", estimator = e)
ask(cluster = "cl", missing = "fiml", data = M)
for (e in c("ML", "MLR", "MLM")) ask(sampling.weights = "w", estimator = e)
ask(fixed.x = FALSE)
ask(fixed.x = TRUE, estimator = "GLS")
for (e in c("WLS", "DWLS", "ULS", "WLSMV", "WLSM", "ULSMV", "MLR", "GLS")) ask(ordered = paste0("x", 1:6), estimator = e, data = O)
ask(ordered = paste0("x", 1:6), data = O)
ask(ordered = paste0("x", 1:6), se = "standard", data = O)
write(toJSON(out, auto_unbox = TRUE, null = "null"), commandArgs(TRUE)[1])
