# lavaan's fits to given bootstrap samples; how to run it: bootstrap_draws.py.
suppressMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(TRUE)
cases <- read_json(args[1])
fit_one <- function(model, data, digits) {
  times <- as.integer(strsplit(digits, "")[[1]])
  rows <- data[rep(seq_len(nrow(data)), times), ]
  begin <- proc.time()[[1]]
  fit <- tryCatch(suppressWarnings(sem(model, rows, se = "none", baseline = FALSE, check.post = FALSE)),
                  error = function(e) NULL)
  if (is.null(fit)) return(list(converged = FALSE))
  table <- parTable(fit)
  kept <- table$op %in% c("~", ":=")
  list(converged = lavInspect(fit, "converged"), fmin = fit@optim$fx, iterations = fit@optim$iterations,
       seconds = round(proc.time()[[1]] - begin, 3), estimates = signif(table$est[kept], 9))
}
out <- lapply(cases, function(case) {
  data <- read.csv(file.path("..", "..", "..", "shared", case$data))
  table <- lavaanify(case$model, auto = TRUE, fixed.x = FALSE)
  kept <- table$op %in% c("~", ":=")
  case$parameters <- paste(table$lhs, table$op, ifelse(table$op == ":=", "", table$rhs))[kept]
  case$fits <- lapply(case$samples, function(digits) fit_one(case$model, data, digits))
  case
})
write(toJSON(out, auto_unbox = TRUE, digits = 15), args[2])
