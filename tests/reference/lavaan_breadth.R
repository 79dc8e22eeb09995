# Configurations of lavaan beside those of the battery, in its case format (fewer columns: the others follow from
# these). Run: Rscript lavaan_breadth.R DATA_FOLDER lavaan_breadth.json [pattern [breadth_cases.R]]
suppressMessages({library(lavaan); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "polished.R"))
args <- commandArgs(TRUE)
folder <- args[1]
wanted <- if (length(args) > 2) args[3] else "."
rounded <- function(x) signif(as.numeric(x), 10)
cases <- list()

read_matrix <- function(name) as.matrix(read.csv(file.path(folder, name), row.names = 1))

named <- function(m) list(rows = rownames(m), cols = colnames(m), values = unname(apply(m, 1, rounded, simplify = FALSE)))

table_of <- function(fit) {
  p <- parameterEstimates(fit, remove.nonfree = FALSE, remove.system.eq = FALSE)
  pt <- parTable(fit)
  keep <- !(p$op %in% c("==", "<", ">"))
  s <- tryCatch(standardizedSolution(fit, type = "std.all", remove.eq = FALSE, remove.ineq = FALSE, remove.def = FALSE), error = function(e) NULL)
  lv <- tryCatch(standardizedSolution(fit, type = "std.lv", remove.eq = FALSE, remove.ineq = FALSE, remove.def = FALSE, se = FALSE), error = function(e) NULL)
  out <- list(lhs = p$lhs[keep], op = p$op[keep], rhs = p$rhs[keep])
  labels <- lavInspect(fit, "group.label")
  if (!is.null(p$group)) out$group <- (if (is.character(p$group)) match(p$group, labels) else p$group)[keep]
  if (!is.null(p$level)) out$level <- p$level[keep]
  out$est <- rounded(p$est[keep])
  out$se <- rounded(if (is.null(p$se)) rep(NA, sum(keep)) else p$se[keep])
  if (!is.null(s) && nrow(s) == nrow(p)) {
    out$std.lv <- rounded(lv$est.std[keep])
    out$std.all <- rounded(s$est.std[keep])
    if (!is.null(s$se)) out$std.all.se <- rounded(s$se[keep])
  }
  out$free <- pt$free[match(paste(p$lhs, p$op, p$rhs, p$block, p$label), paste(pt$lhs, pt$op, pt$rhs, pt$block, pt$label))][keep]
  out
}

extras_of <- function(fit, mi, scores) {
  out <- list()
  by_group <- function(x) if (lavInspect(fit, "ngroups") > 1 || lavInspect(fit, "nlevels") > 1) x else list(all = x)
  implied <- by_group(lavInspect(fit, "implied"))
  resid <- by_group(lavInspect(fit, "resid"))
  out$implied <- lapply(implied, function(g) list(cov = named(unclass(g$cov)), mean = if (!is.null(g$mean)) as.list(sapply(g$mean, rounded))))
  out$residuals <- lapply(resid, function(g) list(cov = named(unclass(g$cov)), mean = if (!is.null(g$mean)) as.list(sapply(g$mean, rounded))))
  r2 <- tryCatch(by_group(lavInspect(fit, "r2")), error = function(e) NULL)
  if (!is.null(r2)) out$r2 <- lapply(r2, function(g) as.list(sapply(g, rounded)))
  if (mi) {
    m <- modindices(fit)
    out$modification_indices <- list(lhs = m$lhs, op = m$op, rhs = m$rhs, group = if (is.null(m$group)) rep(1, nrow(m)) else m$group,
      mi = rounded(m$mi), epc = rounded(m$epc), sepc.all = rounded(m$sepc.all))
  }
  if (scores) for (method in c("regression", "bartlett")) {
    v <- tryCatch(lavPredict(fit, method = method), error = function(e) NULL)
    if (!is.null(v) && !is.list(v)) out[[paste0("factor_scores_", method)]] <-
      list(cols = colnames(v), values = unname(apply(v[1:8, , drop = FALSE], 1, rounded, simplify = FALSE)))
  }
  out
}

expected_of <- function(fit, warned, mi, scores) {
  out <- list(converged = lavInspect(fit, "converged"), warnings = as.list(warned), npar = fit@Fit@npar)
  out$group_label <- as.list(lavInspect(fit, "group.label"))
  out$post_check <- suppressWarnings(lavInspect(fit, "post.check"))
  out$parameters <- table_of(fit)
  if (out$converged) {
    f <- tryCatch(fitMeasures(fit), error = function(e) c(npar = fit@Fit@npar))
    out$fit <- as.list(setNames(rounded(f), names(f)))
    out <- c(out, extras_of(fit, mi, scores))
  }
  out
}

case <- function(id, model, data = "HolzingerSwineford1939", ..., fun = "cfa", cov = NULL, nobs = NULL, means = NULL, mi = FALSE,
                 scores = FALSE, tolerance = "1e-5", problem = FALSE, polish = TRUE, control = list()) {
  if (!grepl(wanted, id)) return(invisible())
  options <- list(...)
  input <- list(fun = fun, model = model, options = if (length(options)) options else setNames(list(), character()))
  if (length(control)) input$options$control <- control
  call <- c(list(model = model), options)
  if (is.null(cov)) {
    input$data <- paste0("data/", data, ".csv")
    call$data <- read.csv(file.path(folder, paste0(data, ".csv")))
  } else {
    input$sample_cov <- lapply(cov, function(x) paste0("data/", x, ".csv"))
    input$sample_nobs <- nobs
    call$sample.cov <- lapply(cov, function(x) read_matrix(paste0(x, ".csv")))
    call$sample.nobs <- as.list(nobs)
    if (!is.null(means)) {
      input$sample_mean <- lapply(means, function(x) paste0("data/", x, ".csv"))
      call$sample.mean <- lapply(means, function(x) { m <- read_matrix(paste0(x, ".csv")); setNames(m[, 1], rownames(m)) })
    }
    if (length(cov) == 1) { call$sample.cov <- call$sample.cov[[1]]; call$sample.nobs <- nobs; if (!is.null(means)) call$sample.mean <- call$sample.mean[[1]] }
  }
  warned <- character()
  first <- TRUE
  run <- function(...) withCallingHandlers(
    { set.seed(1); do.call(fun, c(call, list(...))) },
    warning = function(w) { if (first) warned <<- unique(c(warned, gsub("\\s+", " ", conditionMessage(w)))); invokeRestart("muffleWarning") })
  default <- tryCatch(if (length(control)) run(control = control) else run(), error = function(e) e)
  first <- FALSE
  if (inherits(default, "error")) {
    expected <- list(error = gsub("\\s+", " ", conditionMessage(default)), warnings = as.list(warned))
  } else {
    best <- if (polish && !problem && isTRUE(lavInspect(default, "converged"))) polished(default, run) else default
    expected <- expected_of(best, warned, mi, scores)
  }
  if (is.null(expected$error) && !isTRUE(expected$converged)) cat(id, ": not converged\n")
  if (!is.null(expected$error)) cat(id, ":", substr(expected$error, 1, 120), "\n")
  if (length(warned)) cat(id, ": W", substr(warned[1], 1, 120), "\n")
  cases[[id]] <<- list(id = id, kind = "sem", tags = if (problem) list("problem") else list(), tolerance = tolerance, input = input, expected = expected)
}

source(file.path(here, if (length(args) > 3) args[4] else "breadth_cases.R"), local = TRUE)
write(toJSON(unname(cases), auto_unbox = TRUE, digits = I(10), na = "null", null = "null"), args[2])
