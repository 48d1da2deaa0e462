package main

import (
	"context"
	"fmt"
	_ "time/tzdata" // servers without a tz database of their own know the zones too

	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/org"
)

type orgZoneCmd struct {
	where
	Org  int64  `help:"Organization; needed when the site has several." placeholder:"ID"`
	Zone string `arg:"" help:"As in the tz database: America/Chicago."`
}

// Run sets in which time zone an organisation works.
func (c *orgZoneCmd) Run(ctx context.Context, s streams) error {
	err := c.withActor(ctx, c.Org, func(site *app.Site, actor org.Actor) error { return site.Orgs.SetZone(ctx, actor, c.Zone) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Days begin and times are said in %s. Phones take theirs from themselves.\n", c.Zone)
	return err
}
