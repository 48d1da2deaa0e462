package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("loading: %w", Invalidf("Line %d has %d columns, want %d.", 3, 4, 5).Because(io.ErrUnexpectedEOF))
	if KindOf(err) != Invalid {
		t.Errorf("kind %s", KindOf(err))
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := As(err).Error(); got != "Line 3 has 4 columns, want 5." {
		t.Errorf("sentence %q", got)
	}
	if KindOf(io.EOF) != Internal {
		t.Error("an error nobody sorted is not internal")
	}
}

func TestInputsAreInvalidAndFindable(t *testing.T) {
	var in Inputs
	if in.Or() != nil {
		t.Error("no wrong inputs are an error")
	}
	in.Add("email", "Write an email address with an @.")
	if err := in.Or(); KindOf(err) != Invalid || in.For("email") == nil || in.For("name") != nil {
		t.Errorf("got %v", err)
	}
}
