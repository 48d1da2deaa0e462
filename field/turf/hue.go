package turf

// colour gives hues to turfs that have none.
func (g *Ground) colour(p *Plan) {}
