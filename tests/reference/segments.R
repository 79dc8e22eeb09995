# Mixtures, partitions and tests of counts by R; run in this folder: Rscript segments.R
# Writes segments_numbers.csv, segments_binary.csv (made-up answers, seed below) and segments.json (the numbers).
suppressMessages({library(mclust); library(e1071); library(cluster); library(jsonlite)})
options(digits = 15)
set.seed(41)
n <- 420
own <- sample(3, n, TRUE, c(.5, .3, .2))
M <- rbind(c(0, 0, 0, 0), c(2.6, 2.2, .3, 0), c(-.4, 2.4, 2.8, -2.4))
X <- M[own, ] + matrix(rnorm(4 * n), n) %*% diag(c(.7, .8, .9, .6))
X <- scale(X); colnames(X) <- paste0("v", 1:4)
X <- round(X, 6)
write.csv(as.data.frame(X), "segments_numbers.csv", row.names = FALSE)
mixtures <- list()
for (m in c("EII", "VII", "EEI", "VVI", "EEE", "VVV")) for (k in 1:4) {
  set.seed(1)
  fit <- Mclust(X, G = k, modelNames = m, verbose = FALSE, control = emControl(tol = c(1e-12, 1e-10), itmax = c(20000, 20000)))
  if (is.null(fit)) next
  o <- order(-fit$parameters$pro)
  z <- if (k > 1) fit$z[, o] else NULL
  mixtures[[paste0(m, k)]] <- list(model = m, k = k, loglik = fit$loglik, df = fit$df, bic = -fit$bic,
    weights = if (k > 1) fit$parameters$pro[o] else 1,
    means = if (k > 1) unname(t(fit$parameters$mean[, o])) else NULL,
    entropy = if (k > 1) 1 + sum(ifelse(z > 0, z * log(z), 0)) / (n * log(k)) else NULL)
}
kmeans_out <- lapply(2:5, function(k) {set.seed(2); f <- kmeans(X, k, nstart = 200, iter.max = 100)
  list(k = k, within = f$tot.withinss, sizes = sort(f$size, decreasing = TRUE), silhouette = mean(silhouette(f$cluster, dist(X))[, 3]))})
tree <- hclust(dist(X), "ward.D2")
ward_out <- lapply(2:5, function(k) {g <- cutree(tree, k)
  list(k = k, sizes = sort(as.integer(table(g)), decreasing = TRUE), silhouette = mean(silhouette(g, dist(X))[, 3]))})
p <- rbind(c(.9, .8, .85, .2, .3, .15), c(.15, .25, .2, .8, .75, .9))
class <- sample(2, 500, TRUE, c(.6, .4))
B <- matrix(rbinom(500 * 6, 1, p[class, ]), 500); colnames(B) <- paste0("b", 1:6)
write.csv(as.data.frame(B), "segments_binary.csv", row.names = FALSE)
set.seed(3)
found <- lapply(1:40, function(i) lca(B, 2, niter = 3000))
best <- found[[which.max(sapply(found, function(f) f$logl))]]
o <- order(-best$classprob)
classes <- list(loglik = best$logl, npar = best$np, weights = best$classprob[o], p = unname(best$p[o, ]))
three <- list(c(2.1, 3.4, 1.9, 4.4, 3.8), c(5.2, 4.9, 6.1, 5.5), c(3.3, 2.8, 9.1, 4.0, 5.6, 1.2))
w <- oneway.test(v ~ g, data.frame(v = unlist(three), g = rep(1:3, lengths(three))))
welch <- list(groups = three, f = unname(w$statistic), df1 = unname(w$parameter[1]), df2 = unname(w$parameter[2]), p = w$p.value)
counts <- matrix(c(31, 12, 44, 20, 25, 18), 2)
chi <- suppressWarnings(chisq.test(counts, correct = FALSE))
wilson <- lapply(list(c(0, 20), c(7, 30), c(81, 263), c(40, 40)), function(x)
  list(x = x[1], n = x[2], limits = as.numeric(suppressWarnings(prop.test(x[1], x[2], correct = FALSE))$conf.int)))
write(toJSON(list(mixtures = mixtures, kmeans = kmeans_out, ward = ward_out, classes = classes, welch = welch,
  chi = list(counts = counts, chisq = unname(chi$statistic), df = unname(chi$parameter), p = chi$p.value, least = min(chi$expected)),
  wilson = wilson), auto_unbox = TRUE, digits = 12), "segments.json")
