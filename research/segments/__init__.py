"""Who the customers are: types, segments, indices, importance and performance, purchases and reasons."""
