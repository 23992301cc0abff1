package cursor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	twinURL string
	ready   = regexp.MustCompile(`^aicode-mock ready (\S+)`)
	odd     = regexp.MustCompile(`\W+`)
)

// TestMain starts one twin for the tests of the package.
//
// Where CURSOR_API_URL is set, in CI beside a service container, that server is taken instead.
func TestMain(m *testing.M) {
	twinURL = os.Getenv("CURSOR_API_URL")
	stop := func() {}
	if twinURL == "" {
		var err error
		if twinURL, stop, err = startTwin(); err != nil {
			fmt.Fprintln(os.Stderr, "no twin:", err)
			os.Exit(1)
		}
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func startTwin() (string, func(), error) {
	name := os.Getenv("AICODE_MOCK")
	if name == "" {
		name = "aicode-mock"
	}
	command := exec.Command(name, "serve", "--scenario", "tiny", "--now", "2026-06-30", "--port", "0", "--log-format", "off")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop := func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := ready.FindStringSubmatch(lines.Text()); found != nil {
			return found[1], stop, nil
		}
	}
	return "", nil, command.Wait()
}

// World is a twin of its own, for one test; its key opens it with the first request.
type World struct {
	t   *testing.T
	Key string
}

// NewWorld is the world of a test, as if new.
func NewWorld(t *testing.T) World {
	world := World{t, "sandbox_" + odd.ReplaceAllString(t.Name(), "_")}
	world.Control(http.MethodPost, "/reset", "", nil)
	return world
}

// Control asks the control plane of the world for something; body is JSON, found takes the answer, if not nil.
func (world World) Control(method, path, body string, found any) {
	world.t.Helper()
	request, err := http.NewRequest(method, twinURL+"/_mock/worlds/"+world.Key+path, strings.NewReader(body))
	if err != nil {
		world.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("AICODE_MOCK_CONTROL_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		world.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		world.t.Fatalf("%s %s: %s %s %v", method, path, answer.Status, text, err)
	}
	if found != nil {
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(found); err != nil {
			world.t.Fatal(err)
		}
	}
}

// Sleep moves the clock of the world: waiting takes no time.
func (world World) Sleep(time time.Duration) {
	world.Control(http.MethodPut, "/clock", fmt.Sprintf(`{"advance": "%dms"}`, time.Milliseconds()), nil)
}
