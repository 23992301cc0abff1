// A client as there are many: it knows one address of the API, and nobody can tell it another.
const headers = { Authorization: `Basic ${Buffer.from(`${process.env.CURSOR_API_KEY}:`).toString("base64")}` };
const answer = await fetch("https://api.cursor.com/analytics/ai-code/commits?startDate=7d&pageSize=1000", { headers });
if (!answer.ok) throw new Error(`${answer.status}`);
const { items, totalCount } = await answer.json();
console.log(`${items.length} of ${totalCount} commits`);
