# lavaan's fits to given bootstrap samples, one estimator or option a case; how to run it: bootstrap_estimators.py.
suppressMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(TRUE)
cases <- read_json(args[1])
fit_one <- function(case, data, digits) {
  times <- as.integer(strsplit(digits, "")[[1]])
  rows <- data[rep(seq_len(nrow(data)), times), ]
  if (!is.null(case$options$group)) rows <- rows[order(match(rows[[case$options$group]], unique(data[[case$options$group]]))), ]
  options <- lapply(case$options, unlist)
  call <- c(list(model = case$model, data = rows, se = "none", baseline = FALSE, check.post = FALSE), options)
  fit <- tryCatch(suppressWarnings(do.call("sem", call)), error = function(e) {message(conditionMessage(e)); NULL})
  if (is.null(fit)) return(list(converged = FALSE))
  table <- parTable(fit)
  table <- table[table$op %in% c("=~", "~", ":=", "|"), ]
  if (!lavInspect(fit, "converged")) return(list(converged = FALSE))
  list(converged = TRUE, fmin = fit@optim$fx,
       estimates = as.list(setNames(signif(table$est, 9), paste0(table$lhs, table$op, ifelse(table$op == ":=", "", table$rhs), "@", table$group))))
}
out <- lapply(cases, function(case) {
  data <- read.csv(file.path("..", "..", "..", "shared", case$data))
  case$fits <- lapply(case$samples, function(digits) fit_one(case, data, digits))
  case
})
write(toJSON(out, auto_unbox = TRUE, digits = 12), args[2])
