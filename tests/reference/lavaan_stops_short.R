# Cases of the battery in which lavaan's search stops before the minimum: its own numbers once its own Newton steps
# have taken it there. Run: Rscript lavaan_stops_short.R BATTERY_FOLDER lavaan_stops_short.json
suppressMessages({library(lavaan); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "polished.R"))
args <- commandArgs(TRUE)
rounded <- function(x) signif(as.numeric(x), 10)
slope <- function(fit) max(abs(as.numeric(lavTech(fit, "gradient"))))
out <- list()
for (name in c("047-hs-cfa-dwls", "055-higher-order-mlr-svc", "090-mg-configural", "123-twolevel", "133-simparcel")) {
  given <- fromJSON(file.path(args[1], "cases", paste0(name, ".json")))$input
  call <- c(list(model = given$model, data = read.csv(file.path(args[1], given$data))), given$options)
  run <- function(...) suppressWarnings(do.call(given$fun, c(call, list(...))))
  first <- run()
  # Its Hessian of two levels is not that of its function, so there BFGS goes on from where it stopped.
  fit <- if (name != "123-twolevel") polished(first, run) else
    run(start = parTable(first), optim.method = "BFGS", control = list(reltol = 1e-16), check.gradient = FALSE)
  p <- parameterEstimates(fit)
  s <- standardizedSolution(fit)
  keep <- p$op != ":="
  out[[name]] <- list(
    slope = rounded(c(first = slope(first), last = slope(fit))),
    parameters = list(lhs = p$lhs[keep], op = p$op[keep], rhs = p$rhs[keep],
      group = if (is.null(p$group)) rep(1, sum(keep)) else p$group[keep],
      level = if (is.null(p$level)) rep(1, sum(keep)) else p$level[keep],
      est = rounded(p$est[keep]), se = rounded(p$se[keep]), z = rounded(p$z[keep]),
      std.all = rounded(s$est.std[keep]), std.all.z = rounded(s$z[keep])))
  if (name %in% c("055-higher-order-mlr-svc", "090-mg-configural")) {
    m <- modindices(fit)
    out[[name]]$modification_indices <- list(lhs = m$lhs, op = m$op, rhs = m$rhs,
      group = if (is.null(m$group)) rep(1, nrow(m)) else m$group, mi = rounded(m$mi), epc = rounded(m$epc))
  }
  cat(name, out[[name]]$slope, "\n")
}
write(toJSON(out, auto_unbox = TRUE, digits = I(10), na = "null"), args[2])
