package turf

// raster says which door is nearest to each cell of the ground.
type raster struct{}
