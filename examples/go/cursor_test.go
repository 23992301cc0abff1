package cursor

import (
	"net/http"
	"testing"
)

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	world := NewWorld(t)

	rows, err := Client{twinURL, world.Key, world.Sleep}.Commits("7d", "now", 4)

	var truth struct{ Commits struct{ Count int } }
	world.Control(http.MethodGet, "/answers", "", &truth)
	if err != nil || len(rows) != truth.Commits.Count {
		t.Fatalf("%d of %d commits, %v", len(rows), truth.Commits.Count, err)
	}
}

func TestALimitThatIsUsedUpIsWaitedFor(t *testing.T) {
	t.Parallel()
	world := NewWorld(t)
	world.Control(http.MethodPost, "/faults", `{
		"match": {"endpoint": "commits", "first": 2, "last": 2},
		"action": {"kind": "status", "status": 429, "retryAfter": 30}
	}`, nil)

	rows, err := Client{twinURL, world.Key, world.Sleep}.Commits("7d", "now", 4)

	if err != nil || len(rows) != 6 {
		t.Fatalf("%d commits, %v", len(rows), err)
	}
	var report struct {
		Verdict  string
		Findings []any
	}
	world.Control(http.MethodGet, "/report", "", &report)
	if report.Verdict != "clean" {
		t.Fatal(report.Findings)
	}
}
