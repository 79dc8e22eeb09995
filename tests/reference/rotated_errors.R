# lavaan's standardized standard errors of a rotated solution, by the tolerance at which its rotation stops and by the
# seed of its random starts. Run: Rscript rotated_errors.R DATA_FOLDER rotated_errors.json
suppressMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(TRUE)
pupils <- read.csv(file.path(args[1], "HolzingerSwineford1939.csv"))
model <- "efa(\"e\")*f1 + efa(\"e\")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6"
errors <- function(seed, tolerance, ...) {
  set.seed(seed)
  fit <- sem(model, pupils, rotation = "geomin", rotation.args = list(geomin.epsilon = 0.01, rstarts = 3, gpa.tol = tolerance, ...))
  s <- standardizedSolution(fit)
  signif(s$se[s$op == "=~"], 7)
}
out <- list(usual = errors(1, 1e-5), usual_other_seed = errors(2, 1e-5), pairwise = errors(1, 1e-5, algorithm = "pairwise"), tight = errors(1, 1e-6), tighter = errors(1, 1e-7))
write(toJSON(out, auto_unbox = TRUE, digits = I(8)), args[2])
