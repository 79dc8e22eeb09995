# Monte Carlo intervals of semTools, 400,000 draws; run in this folder: Rscript monte_carlo.R monte_carlo.json
suppressMessages({library(lavaan); library(semTools); library(jsonlite)})
folder <- file.path("..", "..", "..", "shared", "reference", "data")
PATH <- "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b\ntotal := cp + a*b\nshare := a*b/(cp + a*b)\ncurved := exp(a) - b^2"
LATENT <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ a*ind60\ndem65 ~ c*ind60 + b*dem60\nindirect := a*b\ntotal := c + indirect"
cases <- list(
  path = list(model = PATH, data = "Tal_Or.csv", options = list(), level = .95),
  robust = list(model = PATH, data = "Tal_Or.csv", options = list(estimator = "MLR"), level = .9),
  latent = list(model = LATENT, data = "PoliticalDemocracy.csv", options = list(), level = .95),
  held = list(model = paste0(PATH, "\na == .5"), data = "Tal_Or.csv", options = list(), level = .95),
  tied = list(model = paste0(LATENT, "\na == 1.5*c + 1"), data = "PoliticalDemocracy.csv", options = list(), level = .95))
out <- lapply(cases, function(case) {
  fit <- do.call("sem", c(list(model = case$model, data = read.csv(file.path(folder, case$data))), case$options))
  set.seed(1)
  found <- tryCatch(monteCarloCI(fit, nRep = 400000, level = case$level), error = function(e) {message(conditionMessage(e)); NULL})
  case$expected <- list(name = rownames(found), estimate = found[["est"]], low = found[["ci.lower"]], high = found[["ci.upper"]])
  case
})
write(toJSON(out, auto_unbox = TRUE, digits = 8), commandArgs(TRUE)[1])
