# How lavaan's Bollen-Stine test treats fixed x: run in this folder, Rscript bollen_stine.R bollen_stine.json
# `draws`: sample and implied variance of x, and T*, in bootstrap samples of one data set.
# `p`: p values of the test in data sets in which the model holds, with x fixed.
suppressMessages({library(lavaan); library(jsonlite)})
model <- "complaints ~ privileges + learning\nrating ~ complaints"
A <- read.csv(file.path("..", "..", "..", "shared", "reference", "data", "attitude.csv"))
look <- function(fit) c(lavInspect(fit, "sampstat")$cov["learning", "learning"],
                        lavInspect(fit, "implied")$cov["learning", "learning"], fitMeasures(fit, "chisq")[[1]])
out <- list()
for (fixed in c(TRUE, FALSE)) {
  fit <- sem(model, A, fixed.x = fixed)
  set.seed(1)
  B <- bootstrapLavaan(fit, R = 200, type = "bollen.stine", FUN = look)
  out$draws[[if (fixed) "fixed" else "random"]] <- list(
    chisq = fitMeasures(fit, "chisq")[[1]], df = fitMeasures(fit, "df")[[1]], sd_sample = sd(B[, 1]), sd_implied = sd(B[, 2]),
    mean_chisq = mean(B[, 3]), p = mean(B[, 3] >= fitMeasures(fit, "chisq")[[1]]))
}
R <- chol(cov(A[, c("privileges", "learning")]))
set.seed(7)
for (i in 1:16) {
  X <- matrix(rnorm(200), 100) %*% R
  D <- data.frame(privileges = X[, 1], learning = X[, 2])
  D$complaints <- .5 * D$privileges + .3 * D$learning + rnorm(100, 0, 10)
  D$rating <- .7 * D$complaints + rnorm(100, 0, 8)
  fit <- sem(model, D, fixed.x = TRUE, se = "none", baseline = FALSE)
  T <- bootstrapLavaan(fit, R = 40, type = "bollen.stine", FUN = function(f) lavInspect(f, "fit")["chisq"])
  out$p <- c(out$p, mean(T >= lavInspect(fit, "fit")["chisq"]))
  cat(i, "\n", file = stderr())
}
write(toJSON(out, auto_unbox = TRUE, digits = 6), commandArgs(TRUE)[1])
