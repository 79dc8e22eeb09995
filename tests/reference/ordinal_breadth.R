# What lavaan makes of further models with ordered variables, in the schema of the reference battery. Its last
# Newton steps (polished.R) take a search to its minimum; where they move no modification index, the stored
# numbers are those of the search itself. Run in this folder:
# Rscript ordinal_breadth.R DATA ordinal_breadth.json, DATA the battery's folder of CSV files; then gzip.
suppressMessages({library(lavaan); library(jsonlite)})
source("polished.R")
args <- commandArgs(TRUE)
folder <- args[1]
read <- function(name) read.csv(if (name == D) "ordinal_answers.csv" else file.path(folder, paste0(name, ".csv")))
out <- list()
plain <- function(x) { x <- unclass(x); if (is.numeric(x)) signif(x, 8) else x }
columns <- function(frame) lapply(as.list(as.data.frame(frame)), plain)
indices <- c("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "nfi", "ifi",
  "rni", "ntotal", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr", "gfi", "agfi",
  "chisq.scaled", "df.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq.scaled",
  "baseline.df.scaled", "cfi.scaled", "tli.scaled", "cfi.robust", "tli.robust", "rmsea.scaled",
  "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "rmsea.robust", "rmsea.ci.lower.robust",
  "rmsea.ci.upper.robust")
by_group <- function(x, labels) if (length(labels)) x else list(all = x)
named <- function(m) list(rows = as.list(rownames(m)), cols = as.list(colnames(m)), values = lapply(seq_len(nrow(m)), function(i) as.list(plain(unname(m[i, ])))))
tables <- function(fit) {
  found <- fitMeasures(fit)
  parameters <- parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)
  parameters <- parameters[!parameters$op %in% c("==", "<", ">"), ]
  parameters <- parameters[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "std.lv", "std.all"), names(parameters))]
  standard <- standardizedSolution(fit)
  standard <- standard[!standard$op %in% c("==", "<", ">"), ]
  if (nrow(standard) == nrow(parameters)) parameters$std.all.se <- standard$se
  labels <- lavInspect(fit, "group.label")
  r2 <- tryCatch(by_group(lavInspect(fit, "r2"), labels), error = function(e) list())
  moments <- function(what) lapply(by_group(lavInspect(fit, what), labels), function(g)
    list(cov = named(unclass(g$cov)), mean = if (!is.null(g$mean)) as.list(sapply(g$mean, plain)),
         th = if (!is.null(g$th)) as.list(sapply(g$th, plain))))
  list(converged = lavInspect(fit, "converged"), post_check = suppressWarnings(lavInspect(fit, "post.check")),
       group_label = as.list(labels), parameters = columns(parameters),
       fit = lapply(as.list(found[intersect(indices, names(found))]), plain),
       r2 = lapply(r2, function(x) as.list(plain(x))),
       implied = tryCatch(moments("implied"), error = function(e) NULL))
}
indexed <- function(fit) tryCatch({
  found <- suppressWarnings(modificationIndices(fit))
  found <- found[found$op != "~*~" | lavInspect(fit, "options")$parameterization == "delta", ]
  keep <- intersect(c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.all"), names(found))
  columns(found[, keep])
}, error = function(e) NULL)
scored <- function(fit, methods) {
  made <- list()
  for (method in methods) {
    found <- tryCatch(lavPredict(fit, method = toupper(method)), error = function(e) {message("   ", conditionMessage(e)); NULL})
    if (is.null(found)) next
    if (is.list(found)) found <- do.call(rbind, lapply(found, function(x) x[1:min(10, nrow(x)), , drop = FALSE]))
    found <- found[1:min(20, nrow(found)), , drop = FALSE]
    made[[paste0("scores_", method)]] <- list(cols = as.list(colnames(found)), values = plain(found))
  }
  made
}
ask <- function(id, model, data, fun = "cfa", mi = TRUE, scores = c(), loose = "1e-4", ...) {
  if (!id %in% chosen) return(invisible())
  options <- list(...)
  call <- c(list(model = model, data = read(data)), options)
  input <- list(fun = fun, model = model, data = if (data == D) "ordinal_answers.csv" else paste0("data/", data, ".csv"), options = options)
  case <- list(id = id, kind = "sem", tags = list(), tolerance = loose, input = input)
  warned <- c()
  case$expected <- tryCatch({
    tight <- c(call, list(control = list(rel.tol = 1e-14, iter.max = 2000L, eval.max = 4000L)))
    note <- function(w) {warned <<- c(warned, conditionMessage(w)); invokeRestart("muffleWarning")}
    fit <- tryCatch(withCallingHandlers(do.call(fun, tight), warning = note), error = function(e) NULL)
    if (is.null(fit) || !lavInspect(fit, "converged")) { warned <- c(); fit <- withCallingHandlers(do.call(fun, call), warning = note) }
    fit <- suppressWarnings(polished(fit, function(...) do.call(fun, c(call, list(...)))))
    suppressWarnings(c(tables(fit), if (mi) list(modification_indices = indexed(fit)), scored(fit, scores)))
  }, error = function(e) list(error = conditionMessage(e)))
  case$expected$warnings <- as.list(gsub("[ \n]+", " ", warned))
  out[[length(out) + 1]] <<- case
  message(id, if (!is.null(case$expected$error)) paste(" ERROR", case$expected$error) else
          if (!case$expected$converged) " NOT CONVERGED" else "", if (length(warned)) paste("  W:", substr(gsub("[ \n]+", " ", warned), 1, 100), collapse = ""))
}
A <- paste0("a", 1:4); B <- paste0("b", 1:4); Am <- paste0("a", 1:4, "m")
D <- "ordinal_answers"
fA <- "f =~ a1 + a2 + a3 + a4"
fB <- "k =~ b1 + b2 + b3 + b4"
fM <- "m =~ y1 + y2 + y3"
AB <- paste(fA, fB, sep = "\n")
ABM <- paste(fA, fB, fM, sep = "\n")
MIXK <- "f =~ a1 + a2 + y1\nm =~ y2 + c1 + b4"
MO <- c("a1", "a2", "c1", "b4")
SEM <- paste(ABM, "k ~ p*f\nm ~ q*k + r*f\nind := p*q\ntot := r + p*q", sep = "\n")
chosen <- c(
  "pair-a delta", "pair-mix delta", "pair-mix theta", "pair-grp delta", "pair-x theta", "pair-xm delta",
  "list-x theta", "pair-ulsmv delta", "pair-wls theta", "pair-wlsm delta", "pair-dwls theta", "list-mix delta",
  "true theta", "empty theta", "empty2 delta", "eq-load delta", "eq-load theta", "ineq delta", "ineq theta",
  "def delta", "thr-eq theta", "thr-con delta", "thr-con theta", "thr-def theta", "probit delta", "oprobit theta",
  "probit2 delta", "probit2 theta", "pathm delta", "pathm theta", "pathm2 theta", "latent-to-bin delta",
  "latent-to-y theta", "dif delta", "dif theta", "dif-g theta", "bifactor delta", "second theta", "rescov theta",
  "cross delta", "single-y delta", "rescov-mixed theta", "orth delta", "partial delta", "partial theta",
  "partial3 delta", "labelvec delta", "labelvec theta", "meanstext delta", "scaletext theta", "tau delta",
  "means-mix delta", "means-mix theta", "nomean-mix delta", "effcod theta", "start delta", "bounds delta",
  "bounds theta", "growth delta", "seven theta", "svc delta", "svc-g theta", "svc-miss delta", "svc-miss theta",
  "lsat2 theta", "dwls-robust delta", "dwls-mva-g theta", "crosslag delta", "crosslag theta",
  "test-several delta", "grp-mix none delta", "grp-mimic none delta", "grp-ab3 none theta", "grp-sem none theta",
  "grp-mimic none theta", "grp-mix loadings delta", "grp-mimic loadings delta", "grp-bin loadings delta",
  "grp-stdlv loadings delta", "grp-sem loadings theta", "grp-mimic loadings theta", "grp-bin loadings theta",
  "grp-mix thresholds delta", "grp-mix thresholds theta", "grp-mix residuals delta", "grp-mimic residuals delta",
  "grp-ab3 residuals theta", "grp-mimic residuals theta", "grp-mix tl delta", "grp-mimic tl delta",
  "grp-bin tl delta", "grp-mix tl theta", "grp-mimic tl theta", "grp-bin tl theta", "grp-stdlv tl theta",
  "grp-mix li delta", "grp-stdlv li delta", "grp-ab3 tli delta", "grp-mix tli delta", "grp-mix tlir delta",
  "grp-bin tlir delta", "grp-sem tlir theta", "grp-mimic tlir theta", "grp-bin tlir theta", "grp-mix tlr delta",
  "grp-mix tlv delta", "grp-mix tlc delta", "grp-mix tlm delta", "x-true-cov delta", "x-nonlin delta",
  "x-formative delta", "x-pathm2 delta", "x-latent-to-bin delta", "x-bounds-wide delta", "x-eq-reg-grp delta",
  "x-miss-mixed-x delta", "x-miss-mixed-grp delta", "x-two-binary delta", "x-corr-only delta",
  "x-partial-mix delta", "x-lvvar-stdlv delta", "x-orth-grp delta", "x-mlabel delta", "x-heywood delta",
  "x-corrected-int delta", "x-fixedvar delta", "x-true-cov theta", "x-nonlin theta", "x-formative theta",
  "x-pathm2 theta", "x-latent-to-bin theta", "x-bounds-wide theta", "x-miss-mixed-x theta",
  "x-miss-mixed-grp theta", "x-two-binary theta", "x-corr-only theta", "x-partial-mix theta",
  "x-lvvar-stdlv theta", "x-orth-grp theta", "x-mlabel theta", "x-heywood theta", "x-corrected-int theta",
  "x-fixedvar theta", "lrt-mixed delta", "lrt-three delta", "lrt-cov delta", "lrt-ulsmv delta",
  "lrt-wlsmvs delta", "lrt-mixed theta", "lrt-three theta", "lrt-cov theta", "lrt-ulsmv theta",
  "lrt-wlsmvs theta", "est-mix WLS delta", "est-group WLS theta", "est-mimic DWLS theta", "est-group ULS delta",
  "est-sem ULS theta", "est-mimic ULS theta", "est-sem WLSM delta", "est-mix WLSM theta")
for (p in c("delta", "theta")) {
  ask(paste("pair-a", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", parameterization = p, scores = "ebm")
  ask(paste("pair-mix", p), "f =~ a1m + a2m + a3m\nm =~ y1m + y2 + b3m", D, ordered = c(Am[1:3], "b3m"), missing = "pairwise", parameterization = p)
  ask(paste("pair-grp", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", parameterization = p, group = "h", group.equal = c("thresholds", "loadings"))
  ask(paste("pair-x", p), "f =~ a1m + a2m + a3m + a4m\nf ~ x + z", D, "sem", ordered = Am, missing = "pairwise", parameterization = p)
  ask(paste("pair-xm", p), "f =~ a1m + a2m + a3m + a4m\nf ~ xm + z", D, "sem", ordered = Am, missing = "pairwise", parameterization = p)
  ask(paste("list-x", p), "f =~ a1m + a2m + a3m + a4m\nf ~ xm + z", D, "sem", ordered = Am, parameterization = p)
  ask(paste("pair-ulsmv", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", estimator = "ULSMV", parameterization = p)
  ask(paste("pair-wls", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", estimator = "WLS", parameterization = p)
  ask(paste("pair-wlsm", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", estimator = "WLSM", parameterization = p)
  ask(paste("pair-dwls", p), "f =~ a1m + a2m + a3m + a4m", D, ordered = Am, missing = "pairwise", estimator = "DWLS", parameterization = p)
  ask(paste("list-mix", p), "f =~ a1m + a2m + a3m\nm =~ y1m + y2 + b3m", D, ordered = c(Am[1:3], "b3m"), parameterization = p)
  ask(paste("true", p), AB, D, ordered = TRUE, parameterization = p)
  ask(paste("true-cov", p), paste(fA, "f ~ x"), D, "sem", ordered = TRUE, parameterization = p)
  ask(paste("empty", p), "m =~ s1 + s2 + c3", D, ordered = c("s1", "s2", "c3"), parameterization = p)
  ask(paste("empty2", p), "m =~ s1 + s2 + c3 + c1 + c2", D, ordered = c("s1", "s2", "c1", "c2", "c3"), parameterization = p, scores = "ebm")
  ask(paste("eq-load", p), "f =~ a*a1 + a*a2 + a*a3 + b*a4\nb == a^2", D, ordered = A, std.lv = TRUE, parameterization = p)
  ask(paste("nonlin", p), paste(AB, "f =~ l2*a2\nk =~ l3*b3\nl2*l3 == 0.9\nd := l2 - l3", sep = "\n"), D, ordered = c(A, B), parameterization = p)
  ask(paste("ineq", p), "f =~ a1 + u*a2 + v*a3 + a4\nu > v\nv > 0.3", D, ordered = A, parameterization = p)
  ask(paste("def", p), paste0(SEM, "\nsh := ind/tot\nex := exp(p) - log(q)"), D, "sem", ordered = c(A, B), parameterization = p)
  ask(paste("thr-eq", p), "f =~ a1 + a2 + a3 + a4\na1 | s*t1 + u*t2\na2 | s*t1 + u*t2", D, ordered = A, parameterization = p)
  ask(paste("thr-con", p), "f =~ a1 + a2 + a3 + a4\na1 | s1*t1 + s2*t2 + s3*t3\ns2 - s1 == s3 - s2", D, ordered = A, parameterization = p)
  ask(paste("thr-def", p), "f =~ a1 + a2 + a3 + a4\na1 | s1*t1 + s2*t2\ngap := s2 - s1", D, ordered = A, parameterization = p)
  ask(paste("probit", p), "c1 ~ x + z + w", D, "sem", ordered = "c1", parameterization = p)
  ask(paste("oprobit", p), "a1 ~ x + z", D, "sem", ordered = "a1", parameterization = p)
  ask(paste("probit2", p), "b1 ~ w + x\na1 ~ x + z\nb1 ~~ a1", D, "sem", ordered = c("a1", "b1"), parameterization = p)
  ask(paste("pathc", p), "a1 ~ x + z\nb3 ~ b*a1 + w\nc1 ~ cc*b3 + a1", D, "sem", ordered = c("a1", "b3", "c1"), parameterization = p)
  ask(paste("pathm", p), "y1 ~ a*x + z\nb1 ~ b*y1 + c*x\nab := a*b\ntot := c + ab", D, "sem", ordered = "b1", parameterization = p)
  ask(paste("pathm2", p), "a1 ~ a*x\ny1 ~ b*a1 + c*x\nab := a*b", D, "sem", ordered = "a1", parameterization = p)
  ask(paste("pathg", p), "a1 ~ a*x\nb3 ~ b*a1 + x", D, "sem", ordered = c("a1", "b3"), group = "h", group.equal = c("thresholds"), parameterization = p)
  ask(paste("pathg2", p), "a1 ~ x + z\ny1 ~ a1 + x", D, "sem", ordered = c("a1"), group = "h", group.equal = c("thresholds", "regressions"), parameterization = p)
  ask(paste("latent-to-bin", p), "f =~ a1 + a2 + a3 + a4\nc1 ~ f + x", D, "sem", ordered = c(A, "c1"), parameterization = p)
  ask(paste("latent-to-y", p), "f =~ a1 + a2 + a3 + a4\ny1 ~ f + x\nf ~ z", D, "sem", ordered = c(A), parameterization = p)
  ask(paste("dif", p), "f =~ a1 + a2 + a3 + a4\nf ~ x + z\na3 ~ z", D, "sem", ordered = c(A), parameterization = p, scores = c("ebm", "ml"))
  ask(paste("dif-g", p), "f =~ a1 + a2 + a3 + a4\nf ~ x + z\na3 ~ z", D, "sem", ordered = c(A), parameterization = p, group = "h", group.equal = c("thresholds", "loadings"), scores = "ebm")
  ask(paste("freex", p), "f =~ a1 + a2 + a3 + a4\nf ~ x + z", D, "sem", ordered = c(A), parameterization = p, fixed.x = FALSE)
  ask(paste("condx", p), "f =~ a1 + a2 + a3 + a4\nf ~ x + z\nx ~~ z", D, "sem", ordered = c(A), parameterization = p)
  ask(paste("bifactor", p), "gg =~ a1 + a2 + a3 + a4 + b2 + b3 + b4\ns =~ b2 + b3 + b4", D, ordered = c(A, B[-1]), orthogonal = TRUE, parameterization = p)
  ask(paste("second", p), paste(AB, "m =~ c1 + c2 + c3", "G =~ f + k + m", sep = "\n"), D, ordered = c(A, B, "c1", "c2", "c3"), parameterization = p, scores = "ebm")
  ask(paste("second-g", p), paste(AB, "m =~ c1 + c2 + c3", "G =~ f + k + m", sep = "\n"), D, ordered = c(A, B, "c1", "c2", "c3"), parameterization = p, group = "h", group.equal = c("thresholds", "loadings"))
  ask(paste("rescov", p), paste(AB, "a1 ~~ a2\nb2 ~~ b3", sep = "\n"), D, ordered = c(A, B), parameterization = p)
  ask(paste("cross", p), paste(AB, "f =~ b4", sep = "\n"), D, ordered = c(A, B), parameterization = p)
  ask(paste("single", p), "f =~ a1 + a2 + a3 + a4\ns =~ 1*b3", D, ordered = c(A, "b3"), parameterization = p)
  ask(paste("single-y", p), "f =~ a1 + a2 + a3 + a4\ns =~ 1*y1\ny1 ~~ 0.1*y1\ns ~ f", D, "sem", ordered = c(A), parameterization = p)
  ask(paste("rescov-mixed", p), "f =~ a1 + a2 + a3 + y1\na1 ~~ y1\ny1 ~~ y2\nf2 =~ y2 + y3 + c1", D, ordered = c("a1", "a2", "a3", "c1"), parameterization = p)
  ask(paste("orth", p), AB, D, ordered = c(A, B), orthogonal = TRUE, std.lv = TRUE, parameterization = p)
  ask(paste("partial", p), AB, D, ordered = c(A, B), group = "h", group.equal = c("thresholds", "loadings", "intercepts"), group.partial = c("f=~a3", "a3|t2", "k=~b3"), parameterization = p)
  ask(paste("partial3", p), AB, D, ordered = c(A, B), group = "g", group.equal = c("thresholds", "loadings"), group.partial = c("a2|t1", "a2|t2"), parameterization = p)
  ask(paste("labelvec", p), "f =~ a1 + c(u,u)*a2 + c(v1,v2)*a3 + a4\ndv := v1 - v2", D, ordered = A, group = "h", parameterization = p)
  ask(paste("meanstext", p), "f =~ a1 + a2 + a3 + a4\nf ~ c(0, NA)*1", D, ordered = A, group = "h", group.equal = c("thresholds", "loadings"), parameterization = p)
  ask(paste("scaletext", p), "f =~ a1 + a2 + a3 + a4\na1 ~*~ c(1, 1)*a1", D, ordered = A, group = "h", group.equal = c("thresholds", "loadings"), parameterization = p)
  ask(paste("tau", p), "f =~ NA*a1 + t*a1 + t*a2 + t*a3 + t*a4\nf ~~ 1*f", D, ordered = A, parameterization = p)
  ask(paste("means-mix", p), paste(MIXK, "f ~ 1", "y1 ~ 0*1", sep = "\n"), D, ordered = MO, parameterization = p)
  ask(paste("nomean-mix", p), MIXK, D, ordered = MO, meanstructure = FALSE, parameterization = p)
  ask(paste("effcod", p), AB, D, ordered = c(A, B), effect.coding = "loadings", parameterization = p)
  ask(paste("start", p), "f =~ a1 + start(0.9)*a2 + 0.7*a3 + a4", D, ordered = A, parameterization = p)
  ask(paste("bounds", p), AB, D, ordered = c(A, B), bounds = "standard", parameterization = p)
  ask(paste("growth", p), "i =~ 1*a1 + 1*a2 + 1*a3 + 1*a4\ns =~ 0*a1 + 1*a2 + 2*a3 + 3*a4\na1 | u*t1 + v*t2 + w*t3 + q*t4\na2 | u*t1 + v*t2 + w*t3 + q*t4\na3 | u*t1 + v*t2 + w*t3 + q*t4\na4 | u*t1 + v*t2 + w*t3 + q*t4\ni ~ 0*1\ns ~ 1", D, "growth", ordered = A, parameterization = p)
  ask(paste("seven", p), fB, D, ordered = B, parameterization = p, scores = c("ebm", "ml"))
  ask(paste("svc", p), "TAN =~ tan1 + tan2 + tan3\nREL =~ rel1 + rel2 + rel3\nSAT =~ sat1 + sat2 + sat3 + sat4\nSAT ~ TAN + REL + age", "svc_sim", "sem", ordered = c("tan1","tan2","tan3","rel1","rel2","rel3","sat1","sat2","sat3","sat4"), parameterization = p)
  ask(paste("svc-g", p), "TRU =~ tru1 + tru2 + tru3 + tru4\nSAT =~ sat1 + sat2 + sat3 + sat4\nSAT ~ TRU", "svc_sim", "sem", ordered = c("tru1","tru2","tru3","tru4","sat1","sat2","sat3","sat4"), parameterization = p, group = "gender", group.equal = c("loadings", "thresholds"))
  ask(paste("svc-miss", p), "TRU =~ tru1 + tru2 + tru3 + tru4\nSAT =~ sat1 + sat2 + sat3 + sat4\nSAT ~ TRU", "svc_sim_missing", "sem", ordered = c("tru1","tru2","tru3","tru4","sat1","sat2","sat3","sat4"), parameterization = p, missing = "pairwise")
  ask(paste("lsat2", p), "theta =~ Q1 + Q2 + Q3 + Q4 + Q5", "lsat6", ordered = TRUE, parameterization = p, estimator = "ULSMV")
  ask(paste("se-none", p), AB, D, ordered = c(A, B), se = "none", parameterization = p)
  ask(paste("test-several", p), AB, D, ordered = c(A, B), test = c("satorra.bentler", "mean.var.adjusted"), parameterization = p)
  ask(paste("dwls-robust", p), AB, D, ordered = c(A, B), estimator = "DWLS", se = "robust.sem", test = "scaled.shifted", parameterization = p)
  ask(paste("dwls-mva-g", p), AB, D, ordered = c(A, B), estimator = "DWLS", se = "robust.sem", test = "mean.var.adjusted", group = "h", parameterization = p)
  ask(paste("crosslag", p), "a2 ~ a1 + b2\nb3 ~ b2 + a1\na2 ~~ b3", D, "sem", ordered = c("a1", "a2", "b2", "b3"), parameterization = p)
  ask(paste("formative", p), "f =~ a1 + a2 + a3 + a4\nco <~ x + z + w\nf ~ co", D, "sem", ordered = A, parameterization = p, mi = FALSE)
  ask(paste("efa", p), "efa('e')*f1 + efa('e')*f2 =~ a1 + a2 + a3 + a4 + b2 + b3 + b4", D, "sem", ordered = c(A, "b2", "b3", "b4"), parameterization = p, rotation = "oblimin", mi = FALSE)
}
sets <- list(none = c(), loadings = "loadings", thresholds = "thresholds", intercepts = "intercepts", residuals = "residuals",
  tl = c("thresholds", "loadings"), li = c("loadings", "intercepts"), tli = c("thresholds", "loadings", "intercepts"),
  tlir = c("thresholds", "loadings", "intercepts", "residuals"), tlr = c("thresholds", "loadings", "residuals"),
  tlv = c("thresholds", "loadings", "lv.variances"), tlc = c("thresholds", "loadings", "lv.covariances"),
  tlm = c("thresholds", "loadings", "means"), all = c("thresholds", "loadings", "intercepts", "residuals", "means", "lv.variances", "lv.covariances"),
  reg = c("thresholds", "loadings", "regressions"), rc = c("loadings", "residual.covariances", "regressions"), means = "means", lv = "lv.variances")
gask <- function(id, model, fun, s, ...) {
  own <- sets[[s]]
  if (is.null(own)) ask(id, model, D, fun, ...) else ask(id, model, D, fun, group.equal = own, ...)
}
for (s in names(sets)) for (p in c("delta", "theta")) {
  gask(paste("grp-ab3", s, p), AB, "cfa", s, ordered = c(A, "b1", "b2", "b3", "b4"), group = "g", parameterization = p)
  gask(paste("grp-mix", s, p), MIXK, "cfa", s, ordered = MO, group = "h", parameterization = p)
  gask(paste("grp-sem", s, p), paste(ABM, "k ~ f\nm ~ k + f\na1 ~~ a2", sep = "\n"), "sem", s, ordered = c(A, B), group = "h", parameterization = p)
  gask(paste("grp-mimic", s, p), paste(fA, fB, "k ~ f + x\nf ~ x + z", sep = "\n"), "sem", s, ordered = c(A, B), group = "h", parameterization = p)
  gask(paste("grp-bin", s, p), "m =~ c1 + c2 + c3 + b1", "cfa", s, ordered = c("c1", "c2", "c3", "b1"), group = "h", parameterization = p)
  gask(paste("grp-stdlv", s, p), AB, "cfa", s, ordered = c(A, B), group = "h", parameterization = p, std.lv = TRUE)
}
for (p in c("delta", "theta")) {
  ask(paste("x-true-cov", p), paste(fA, "f ~ x", sep = "\n"), D, "sem", ordered = TRUE, parameterization = p)
  ask(paste("x-nonlin", p), "f =~ a1 + l2*a2 + a3 + a4\nk =~ b1 + b2 + l3*b3 + b4\nl2*l3 == 0.9\nd := l2 - l3", D, ordered = c(A, B), parameterization = p)
  ask(paste("x-formative", p), "f =~ a1 + a2 + a3 + a4\nco <~ 1*x + z + w\nf ~ co", D, "sem", ordered = A, parameterization = p, mi = FALSE)
  ask(paste("x-pathm2", p), "a1 ~ a*x\ny1 ~ b*a1 + c*x\nab := a*b", D, "sem", ordered = "a1", parameterization = p)
  ask(paste("x-latent-to-bin", p), "f =~ a1 + a2 + a3 + a4\nc1 ~ f + x", D, "sem", ordered = c(A, "c1"), parameterization = p)
  ask(paste("x-bounds-wide", p), AB, D, ordered = c(A, B), bounds = "wide", parameterization = p)
  ask(paste("x-bounds-pos", p), "f =~ s1 + s2 + c3\ng =~ y1 + c1 + c2", D, ordered = c("s1", "s2", "c1", "c2", "c3"), bounds = "pos.var", parameterization = p)
  ask(paste("x-eq-reg-grp", p), paste(fA, fB, "k ~ f + x + z\nf ~ x", sep = "\n"), D, "sem", ordered = c(A, "b2", "b3", "b4", "b1"), parameterization = p, group = "g", group.equal = c("thresholds", "loadings", "regressions"))
  ask(paste("x-miss-mixed-x", p), "f =~ a1m + a2m + y1m\nf ~ z\nb2m ~ f", D, "sem", ordered = c("a1m", "a2m", "b2m"), missing = "pairwise", parameterization = p)
  ask(paste("x-miss-mixed-grp", p), "f =~ a1m + a2m + y1m + y2", D, ordered = c("a1m", "a2m"), missing = "pairwise", parameterization = p, group = "h", group.equal = c("loadings", "intercepts"))
  ask(paste("x-two-binary", p), "c1 ~ x\nc2 ~ x + c1", D, "sem", ordered = c("c1", "c2"), parameterization = p)
  ask(paste("x-corr-only", p), "a1 ~~ b2 + y1\nb2 ~~ y1", D, "sem", ordered = c("a1", "b2"), parameterization = p)
  ask(paste("x-partial-mix", p), MIXK, D, ordered = MO, group = "h", group.equal = c("thresholds", "loadings"), group.partial = c("y1~1", "m=~b4", "b4|t2"), parameterization = p)
  ask(paste("x-lvvar-stdlv", p), AB, D, ordered = c(A, B), group = "h", std.lv = TRUE, group.equal = c("thresholds", "loadings", "lv.variances", "lv.covariances", "means"), parameterization = p)
  ask(paste("x-orth-grp", p), AB, D, ordered = c(A, B), group = "h", orthogonal = TRUE, group.equal = "loadings", parameterization = p)
  ask(paste("x-mlabel", p), "f =~ a1 + c(l, l)*a2 + a3 + a4\nf ~ c(b1, b2)*x\nf ~~ c(v, v)*f\ndb := b1 - b2", D, "sem", ordered = A, group = "h", group.equal = "thresholds", parameterization = p)
  ask(paste("x-grpblocks", p), "group: 2\nf =~ a1 + a2 + a3 + a4\ngroup: 1\nf =~ a1 + a2 + a3 + a4\na1 ~~ a2", D, ordered = A, group = "h", parameterization = p)
  ask(paste("x-heywood", p), "f =~ s1 + s2 + c3 + b4\n k =~ b1 + b2 + b3", D, ordered = c("s1", "s2", "c3", "b1", "b2", "b3", "b4"), parameterization = p)
  ask(paste("x-corrected-int", p), "f =~ a1 + a2 + a3 + y1\nf ~ 0.3*1\ny1 ~ 1", D, ordered = A[1:3], parameterization = p)
  ask(paste("x-fixedvar", p), "f =~ a*a1 + a*a2 + a*a3 + a*a4\nf ~~ 0.5*f", D, ordered = A, parameterization = p)
}
lrt <- function(id, base, models) {
  if (!id %in% chosen) return(invisible())
  fits <- lapply(models, function(own) suppressWarnings(do.call(if (is.null(base$fun)) "cfa" else base$fun, c(base[names(base) != "fun"], own, list(data = read(D))))))
  inputs <- lapply(models, function(own) {o <- c(base, own); list(model = o$model, fun = if (is.null(base$fun)) "cfa" else base$fun, opts = o[!names(o) %in% c("model", "fun")])})
  variants <- list(list(), list(method = "satorra.2000"), list(method = "satorra.bentler.2001"), list(method = "satorra.bentler.2010"), list(method = "satorra.2000", scaled.shifted = FALSE), list(method = "satorra.2000", A.method = "exact"))
  tables <- lapply(variants, function(args) tryCatch({
      found <- as.data.frame(suppressWarnings(do.call("lavTestLRT", c(unname(fits), args))))
      list(name = paste(names(args), args, collapse = " "), args = args, table = c(list(model = as.character(seq_len(nrow(found)))), columns(found)))
    }, error = function(e) list(name = "", args = args, error = conditionMessage(e))))
  case <- list(id = id, kind = "sem-lrt", tags = list(), tolerance = "1e-4", input = list(data = "ordinal_answers.csv", models = inputs), expected = list(lrt = tables, converged = TRUE))
  out[[length(out) + 1]] <<- case
  message(id)
}
g2 <- function(...) list(group.equal = c(...))
for (p in c("delta", "theta")) {
  lrt(paste("lrt-mixed", p), list(model = MIXK, ordered = MO, group = "h", parameterization = p), list(a = g2("loadings"), b = g2("loadings", "thresholds", "means")))
  lrt(paste("lrt-three", p), list(model = fA, ordered = A, group = "g", parameterization = p), list(a = list(), b = g2("loadings"), c = g2("loadings", "thresholds"), d = g2("loadings", "thresholds", "lv.variances")))
  lrt(paste("lrt-cov", p), list(fun = "sem", ordered = A, parameterization = p), list(a = list(model = paste(fA, "f ~ x + z\na3 ~ z", sep = "\n")), b = list(model = paste(fA, "f ~ x + z\na3 ~ 0*z", sep = "\n"))))
  lrt(paste("lrt-ulsmv", p), list(model = AB, ordered = c(A, B), estimator = "ULSMV", parameterization = p), list(a = list(), b = list(orthogonal = TRUE)))
  lrt(paste("lrt-wls", p), list(model = fA, ordered = A, estimator = "WLS", group = "h", parameterization = p), list(a = list(), b = g2("loadings")))
  lrt(paste("lrt-wlsmvs", p), list(model = fA, ordered = A, estimator = "WLSMVS", group = "h", parameterization = p), list(a = g2("loadings"), b = g2("loadings", "thresholds", "residuals")))
}
ests <- c("WLS", "DWLS", "ULS", "WLSM", "WLSMV", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")
for (e in ests) for (p in c("delta", "theta")) {
  ask(paste("est-ab", e, p), AB, D, ordered = c(A, B), estimator = e, parameterization = p, scores = if (e == "WLSMV") c("ebm", "ml"))
  ask(paste("est-mix", e, p), MIXK, D, ordered = MO, estimator = e, parameterization = p, scores = if (e == "WLSMV") c("ebm", "ml"))
  ask(paste("est-sem", e, p), SEM, D, "sem", ordered = c(A, B), estimator = e, parameterization = p, scores = if (e == "WLSMV") c("ebm", "ml"))
  ask(paste("est-mimic", e, p), paste(SEM, "f ~ x + z", sep = "\n"), D, "sem", ordered = c(A, B), estimator = e, parameterization = p)
  ask(paste("est-group", e, p), AB, D, ordered = c(A, B), group = "h", group.equal = c("thresholds", "loadings"), estimator = e, parameterization = p)
}
write(toJSON(out, auto_unbox = TRUE, null = "null", na = "null", digits = NA), args[2])
