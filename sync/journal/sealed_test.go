package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"chancery/internal/model"
)

// content is what nobody may read in the state, one canary for each kind of word.
var content = map[string]string{
	"subject":      "Canary-Subject-Smith",
	"text":         "Canary-Text-Settlement",
	"why":          "Canary-Why-Privileged",
	"mailbox":      "Canary-Mailbox-Ruane",
	"filed":        "Canary-Filed-Matter",
	"message-id":   "canary-id@firm.example",
	"note-id":      "canary-note@firm.example",
	"cursor":       "Canary-Cursor-INBOX-991",
	"ident":        "Canary-Ident-EMAILID",
	"finding":      "Canary-Finding-77",
	"href":         "/Canary-Href/work.ics",
	"title":        "Canary-Title-Board",
	"group":        "Canary-Group-Principal",
	"address":      "canary-person@client.example",
	"fault ref":    "Canary-Fault-Mailbox",
	"result ref":   "Canary-Result-Mailbox",
	"result flag":  "Canary-Flag",
	"etag":         `"Canary-Etag"`,
	"parked ident": "Canary-Parked-Ident",
	"released":     "Canary-Released-Ident",
	"reference":    "canary-root@firm.example",
	"looked at":    "Canary-Look-Ident",
	"look ref":     "Canary-Look-Mailbox",
	"marked ident": "Canary-Spread-Ident",
	"marked ref":   "Canary-Spread-Mailbox",
	"bill":         "Canary-Bill-ID",
	"bill ident":   "Canary-Bill-Ident",
	"bill number":  "Canary-Bill-Number",
	"bill name":    "Canary-Bill-Vendor",
	"bill amount":  "987654321987",
	"bill bank":    "Canary-Bill-IBAN",
	"bill key":     "m:Canary-Bill-Key",
	"settled key":  "m:Canary-Settled-Key",
}

// lawSealed writes every kind of content and looks for it in every column of
// every table and, for SQLite, in the files as they lie on disk.
func lawSealed(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	j := open(t, o)
	fill(t, j)
	places := map[string][]byte{"tables": dump(t, j)}
	if o.Driver == "sqlite" {
		files, err := filepath.Glob(filepath.Join(o.Path, "*"))
		must(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			must(t, err)
			places[filepath.Base(f)] = b
		}
	}
	for place, b := range places {
		for what, canary := range content {
			for form, f := range forms(canary) {
				if bytes.Contains(b, f) {
					t.Errorf("%s stands in %s as %s", what, place, form)
				}
			}
		}
	}
	// The search itself must be able to find.
	if !bytes.Contains(places["tables"], []byte("rule-in-clear")) || !bytes.Contains(places["tables"], []byte("gc-mail")) {
		t.Error("the dump is not a dump")
	}
}

func fill(t *testing.T, j *Journal) {
	t.Helper()
	l, holder := claim(t, j, "gc-mail"), claim(t, j, "gc-cal/conflicts")
	ref := model.Ref{Source: "gc-mail", Mailbox: model.Name(content["mailbox"]), UIDValidity: 1, UID: 2}
	step := func(word string, a model.Action) Planned {
		return Planned{
			Step: model.Step{ID: stepID(word), Rule: "rule-in-clear", Version: "v1", Place: "a.yaml:1:1", Why: model.Hide(content["why"]),
				Source: "gc-mail", Ref: ref, Ident: model.Ident(content["ident"]), Action: a},
			Cause: "gc-mail", MessageID: "<" + content["message-id"] + ">", Group: content["group"], Supersede: true,
		}
	}
	file := step("file", model.File{Mailbox: []string{content["filed"]}})
	note := step("note", model.Note{Mailbox: []string{content["filed"]}, Replaces: []string{content["note-id"]}, Body: model.Hide(model.NoteBody{
		MessageID: content["note-id"], Of: model.Ident(content["finding"]), Subject: content["subject"], Text: content["text"],
		From: model.Address{Addr: content["address"]}})})
	made := step("hold", model.Hold{UID: "u", Of: model.Ident(content["finding"]), Base: model.Ref{Href: model.Name(content["href"]), Version: content["etag"]},
		Body: model.Hide(model.HoldBody{Summary: content["title"]})})
	made.Step.Source, made.Step.Ref = "gc-cal/conflicts", model.Ref{}
	marked := step("mark", model.Mark{Name: "m", Keyword: content["result flag"]})
	commit(t, j, Turn{Lease: l, Planned: []Planned{file, note, made, marked}, Cursor: model.Name(content["cursor"]),
		Released: []Release{{model.Ident(content["released"]), "rule-in-clear", "moved"}},
		Parked: []Parked{
			{Ident: model.Ident(content["parked ident"]), Ref: ref, Code: "mime-depth", Place: "line 1"},
			{Ref: model.Ref{Source: "gc-mail", Mailbox: model.Name(content["fault ref"]), UIDValidity: 1, UID: 9}, Code: "fetch"},
		}})
	said := Threaded{MessageID: "<" + content["message-id"] + ">", References: []string{"<" + content["reference"] + ">"}}
	said = j.Threads("gc-mail").Join(said)
	replied := step("reply", model.Mark{Name: "m", Keyword: content["result flag"]})
	replied.Conversation, replied.Supersede = said.Conversation, false
	commit(t, j, Turn{Lease: l, KeepCursor: true, Threads: []Threaded{said}, Planned: []Planned{replied},
		Spread: []ThreadMark{{Conversation: said.Conversation, Mark: "m", Ident: model.Ident(content["marked ident"]), On: true, Hand: true,
			Ref: model.Ref{Source: "gc-mail", Mailbox: model.Name(content["marked ref"]), UIDValidity: 1, UID: 5}}},
		Bills: []model.Bill{{ID: content["bill"], Ident: model.Ident(content["bill ident"]), Source: "gc-mail", MessageID: content["message-id"], At: 1,
			Subject: content["subject"], Class: "vendor", Number: content["bill number"], Name: content["bill name"], Vendor: content["address"],
			Amount: 987654321987, Currency: "USD", Bank: content["bill bank"], Keys: []string{content["bill key"]}, Settles: []string{content["settled key"]}, State: BillOpen}},
		Looks: []Look{{Ident: model.Ident(content["looked at"]), Ref: model.Ref{Source: "gc-mail", Mailbox: model.Name(content["look ref"]), UIDValidity: 1, UID: 6}, At: start}}})
	must(t, j.Sent(t.Context(), l, ids(file, note, marked), start))
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: file.Step.ID, Outcome: model.Done, Ref: model.Ref{Source: "gc-mail", Mailbox: model.Name(content["result ref"]), UIDValidity: 1, UID: 3}},
		{ID: marked.Step.ID, Outcome: model.Done, Flags: model.Flags{content["result flag"]}},
		{ID: note.Step.ID, Outcome: model.Refused, Code: "overquota"},
	}, start, 0))
	must(t, j.Settle(t.Context(), holder, []model.Result{{ID: made.Step.ID, Outcome: model.Done,
		Ref: model.Ref{Source: "gc-cal/conflicts", Href: model.Name(content["href"]), Version: content["etag"]}}}, start, 0))
}

// dump returns every value of every table.
func dump(t *testing.T, j *Journal) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, table := range []string{"meta", "source", "intent", "released", "parked", "thread", "thread_mark", "thread_step", "look", "rule_stat", "audit", "head"} {
		rows, err := j.r.QueryContext(t.Context(), `select * from `+table)
		must(t, err)
		cols, err := rows.Columns()
		must(t, err)
		n := 0
		for rows.Next() {
			n++
			values := make([]any, len(cols))
			for i := range values {
				values[i] = new(any)
			}
			must(t, rows.Scan(values...))
			for _, v := range values {
				switch v := (*v.(*any)).(type) {
				case []byte:
					out.Write(v)
				default:
					fmt.Fprint(&out, v)
				}
				out.WriteByte('\n')
			}
		}
		must(t, rows.Err())
		must(t, rows.Close())
		if n == 0 {
			t.Errorf("table %s is empty: nothing is shown about it", table)
		}
	}
	return out.Bytes()
}

// forms are the ways a word could stand there unsealed.
func forms(s string) map[string][]byte {
	sum := sha256.Sum256([]byte(s))
	out := map[string][]byte{
		"itself": []byte(s), "hex": []byte(hex.EncodeToString([]byte(s))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(s)))),
		"SHA-256": sum[:], "SHA-256 in hex": []byte(hex.EncodeToString(sum[:])[:32]),
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	out["UTF-16"] = wide
	// Base64 of a text around it: three ways to be aligned, without the ends that
	// mix with what stands beside it.
	for skip := range 3 {
		in := s[skip:]
		in = in[:len(in)/3*3]
		out[fmt.Sprint("base64, ", skip)] = []byte(base64.StdEncoding.EncodeToString([]byte(in)))
		out[fmt.Sprint("base64url, ", skip)] = []byte(base64.URLEncoding.EncodeToString([]byte(in)))
	}
	return out
}

// The forms are found where they stand.
func TestFormsAreFound(t *testing.T) {
	const s = "Canary-Subject-Smith"
	for _, around := range []string{"", "x", "xy"} {
		text := around + s + around
		for name, b := range map[string]string{"itself": text, "hex": hex.EncodeToString([]byte(text)), "base64": base64.StdEncoding.EncodeToString([]byte(text))} {
			found := false
			for _, f := range forms(s) {
				found = found || bytes.Contains([]byte(b), f)
			}
			if !found {
				t.Errorf("%s of %q is not found", name, text)
			}
		}
	}
}
