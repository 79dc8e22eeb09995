# The answers that ordinal_breadth.R is about; run in this folder: Rscript ordinal_answers.R
set.seed(20261)
n <- 420
g <- sample(c("north", "west", "east"), n, TRUE, c(.4, .35, .25))
h <- sample(c(2, 1), n, TRUE)
x <- round(rnorm(n), 3); z <- rbinom(n, 1, .45); w <- round(.4 * x + rnorm(n, 3, 1.2), 3)
up <- (g == "west") * .3 + (h == 1) * .2
f <- .4 * x - .3 * z + up + rnorm(n)
k <- .5 * f + .25 * w - .75 + rnorm(n, sd = .8)
m <- .4 * f + .4 * k + rnorm(n, sd = .7)
cuts <- function(y, at) findInterval(y, at) + 1L
item <- function(f, l, at) cuts(l * f + rnorm(n, sd = sqrt(1 - .6 * l^2)), at)
d <- data.frame(g, h, x, z, w)
d$a1 <- item(f, .8, c(-1.2, -.5, .2, 1)); d$a2 <- item(f, .7, c(-1.4, -.3, .5, 1.3))
d$a3 <- item(f, .75, c(-.9, -.1, .6, 1.5)); d$a4 <- item(f, .6, c(-1.6, -.8, .1, .9))
d$b1 <- item(k, .8, .2) - 1L; d$b2 <- item(k, .7, c(-.6, .6)); d$b3 <- item(k, .8, c(-1, 0, .9))
d$b4 <- item(k, .65, c(-1.5, -1, -.5, 0, .6, 1.2))
d$y1 <- round(2 + .8 * m + rnorm(n, sd = .6), 3); d$y2 <- round(5 + 1.6 * m + rnorm(n, sd = 1.1), 3)
d$y3 <- round(.7 * m + rnorm(n, sd = .7), 3); d$c1 <- item(m, .7, .1) - 1L; d$c2 <- item(m, .6, -.4) - 1L
d$c3 <- item(m, .8, .6) - 1L
d$s1 <- item(m, .9, c(-.7, 1.9)); d$s2 <- item(m, .9, c(-1.9, .4))  # empty cells
hole <- function(v, p) { v[runif(n) < p] <- NA; v }
for (v in c("a1", "a2", "a3", "a4", "b2", "b3", "y1", "x")) d[[paste0(v, "m")]] <- hole(d[[v]], .08)
write.csv(d, "ordinal_answers.csv", row.names = FALSE, na = "")
