package main

import (
	"context"

	"github.com/openprecinct/precinct/field/turfbench"
)

type benchTurfCmd struct {
	Doors  int    `help:"How many doors the made-up cities have, about." default:"50000"`
	Seeds  int    `help:"How many cities are made up." default:"3"`
	Places []int  `help:"Sizes of the made-up problems that tours are measured on." default:"200,1000,5000,20000"`
	City   string `help:"A folder with a city of your own, to measure beside the made-up ones." type:"existingdir" placeholder:"DIR"`
}

func (c *benchTurfCmd) Run(ctx context.Context, s streams) error {
	o := turfbench.Options{Doors: c.Doors, Seeds: c.Seeds, Places: c.Places}
	if c.City != "" {
		town, err := readCity(c.City)
		if err != nil {
			return err
		}
		o.Own = town
	}
	return turfbench.Run(ctx, s.out, o)
}
