// Package cursor is a small client of the AI Code Tracking API: what the tests here are about.
package cursor

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const attempts = 6

// Commit is what this client needs of a commit.
type Commit struct {
	Hash       string `json:"commitHash"`
	LinesAdded int    `json:"totalLinesAdded"`
}

// Client asks for the commits of one team.  Sleep is how it waits.
type Client struct {
	URL, Key string
	Sleep    func(time.Duration)
}

// Commits reads all commits of a range, page by page.
func (client Client) Commits(startDate, endDate string, pageSize int) ([]Commit, error) {
	var rows []Commit
	for page, total := 1, 1; len(rows) < total; page++ {
		query := url.Values{"startDate": {startDate}, "endDate": {endDate}}
		query.Set("page", strconv.Itoa(page))
		query.Set("pageSize", strconv.Itoa(pageSize))
		var found struct {
			Items      []Commit
			TotalCount int
		}
		if err := client.ask("/analytics/ai-code/commits?"+query.Encode(), &found); err != nil {
			return nil, err
		}
		rows, total = append(rows, found.Items...), found.TotalCount
		if len(rows) < total && len(found.Items) == 0 {
			return nil, fmt.Errorf("page %d is empty before its end", page)
		}
	}
	return rows, nil
}

func (client Client) ask(target string, found any) error {
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequest(http.MethodGet, client.URL+target, nil)
		if err != nil {
			return err
		}
		request.SetBasicAuth(client.Key, "")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		switch {
		case err != nil:
			return err
		case answer.StatusCode == http.StatusOK:
			return json.Unmarshal(body, found)
		case attempt == attempts || answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode < 500:
			return fmt.Errorf("%s: %s", answer.Status, body)
		}
		client.Sleep(delay(answer, attempt))
	}
}

// delay is what the server asks for, the minute of the limit, or longer from time to time.
func delay(answer *http.Response, attempt int) time.Duration {
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		return time.Minute
	}
	return time.Second << attempt
}
