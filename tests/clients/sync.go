// A client as there are many: it knows one address of the API, and nobody can tell it another.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest("GET", "https://api.cursor.com/analytics/ai-code/commits?startDate=7d&pageSize=1000", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.SetBasicAuth(os.Getenv("CURSOR_API_KEY"), "")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	var page struct {
		Items      []json.RawMessage
		TotalCount int
	}
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d of %d commits\n", len(page.Items), page.TotalCount)
}
