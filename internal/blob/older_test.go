package blob

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestDeleteOlder(t *testing.T) {
	s := open(t)
	ref := put(t, s, []byte("a file"))
	if deleted, err := s.DeleteOlder(t.Context(), ref.Hash, time.Now().Add(-time.Hour)); deleted || err != nil {
		t.Errorf("a young file: %v, %v", deleted, err)
	}
	path, err := s.path(ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	put(t, s, []byte("a file")) // storing it again makes it young
	if deleted, err := s.DeleteOlder(t.Context(), ref.Hash, time.Now().Add(-time.Hour)); deleted || err != nil {
		t.Errorf("a file stored again: %v, %v", deleted, err)
	}
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if at, bytes, err := s.Stored(ref.Hash); err != nil || at.After(time.Now().Add(-time.Hour)) || bytes == 0 {
		t.Errorf("stored at %v, %d bytes, %v", at, bytes, err)
	}
	if deleted, err := s.DeleteOlder(t.Context(), ref.Hash, time.Now().Add(-time.Hour)); !deleted || err != nil {
		t.Errorf("an old file: %v, %v", deleted, err)
	}
	if _, err := s.Stat(t.Context(), ref.Hash); !errors.Is(err, ErrNone) {
		t.Errorf("after that: %v", err)
	}
	if deleted, err := s.DeleteOlder(t.Context(), ref.Hash, time.Now()); deleted || err != nil {
		t.Errorf("a file that is gone: %v, %v", deleted, err)
	}
	if _, err := s.DeleteOlder(t.Context(), "../../etc", time.Now()); err == nil {
		t.Error("a path was taken for a name")
	}
}
