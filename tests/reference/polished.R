# lavaan's search stops at a relative change of its function; two or three Newton steps by its own gradient and
# Hessian, inside linear equalities, take its estimates to the point that it searched for.
polished <- function(fit, run) {
  if (lavInspect(fit, "options")$optim.method == "none") return(fit)
  model <- fit@Model
  K <- if (model@eq.constraints) model@eq.constraints.K else diag(model@nx.free)
  linear <- length(model@ceq.nonlinear.idx) == 0 && length(model@cin.linear.idx) == 0 && length(model@cin.nonlinear.idx) == 0
  if (!linear || ncol(K) == 0) return(fit)
  steep <- function(fit) {
    slope <- as.numeric(lavTech(fit, "gradient"))
    if (length(slope) == nrow(K)) as.numeric(crossprod(K, slope)) else Inf
  }
  best <- fit
  for (i in 1:4) {
    moved <- tryCatch({
      table <- parTable(best)
      step <- -K %*% solve(crossprod(K, lavTech(best, "hessian")) %*% K, steep(best))
      free <- which(table$free > 0)
      table$est[free] <- table$est[free] + step[table$free[free]]
      moved <- suppressWarnings(run(start = table, optim.method = "none"))
      moved@baseline <- fit@baseline
      moved
    }, error = function(e) NULL)
    if (is.null(moved) || !isTRUE(max(abs(steep(moved))) < max(abs(steep(best))))) break
    best <- moved
  }
  best
}
