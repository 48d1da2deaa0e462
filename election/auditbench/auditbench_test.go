package auditbench

import (
	"strings"
	"testing"
)

func TestOnlyWhatIsThere(t *testing.T) {
	var b strings.Builder
	if err := Run(t.Context(), &b, []string{"nothing"}); err == nil || !strings.Contains(err.Error(), "draw") {
		t.Error(err)
	}
}
