package connectortest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Boxes gives a Script several mailboxes that messages can be marked in, copied
// and moved between, with the habits of a server that a test is about. Set
// Script.Handle to its Handle.
type Boxes struct {
	Permanent string // PERMANENTFLAGS with its parentheses; default `(\Deleted \Seen \Flagged \*)`
	Plus      bool   // COPYUID, APPENDUID
	Labels    bool   // X-GM-LABELS
	Guids     bool   // X-GUID
	// First answers a command before anything else does; false leaves it.
	First func(c *ScriptConn, tag, command string) bool

	mu  sync.Mutex
	box map[string]*scriptBox
	in  map[int]string // selected, by connection
}

type scriptBox struct {
	next uint32
	mail []*ScriptMail
}

// ScriptMail is a message in Boxes.
type ScriptMail struct {
	UID    uint32
	Flags  []string
	Labels []string // decoded by nobody: as written
	Guid   string
	Body   string
}

// Put stores a message and returns its UID.
func (b *Boxes) Put(box, body string, flags ...string) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.put(box, ScriptMail{Body: body, Flags: flags, Guid: fmt.Sprintf("g%d.%s", len(body), box)})
}

func (b *Boxes) put(box string, m ScriptMail) uint32 {
	if b.box == nil {
		b.box, b.in = map[string]*scriptBox{"INBOX": {next: 1}}, map[int]string{}
	}
	if b.box[box] == nil {
		b.box[box] = &scriptBox{next: 1}
	}
	m.UID = b.box[box].next
	b.box[box].next++
	b.box[box].mail = append(b.box[box].mail, &m)
	return m.UID
}

// Create makes an empty mailbox.
func (b *Boxes) Create(box string) {
	b.Put(box, "x")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.box[box].mail = nil
}

// Mail returns what a mailbox holds.
func (b *Boxes) Mail(box string) (out []ScriptMail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.box[box] == nil {
		return nil
	}
	for _, m := range b.box[box].mail {
		c := *m
		c.Flags, c.Labels = slices.Clone(m.Flags), slices.Clone(m.Labels)
		out = append(out, c)
	}
	return out
}

// Transfer copies or moves as the server does it, for a First that does half.
func (b *Boxes) Transfer(from, to string, move bool, uids ...uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.transfer(from, to, move, func(u uint32) bool { return slices.Contains(uids, u) })
}

func (b *Boxes) transfer(from, to string, move bool, in func(uint32) bool) (src, dst []string) {
	for _, m := range slices.Clone(b.box[from].mail) {
		if !in(m.UID) {
			continue
		}
		c := *m
		c.Flags = slices.Clone(m.Flags)
		src, dst = append(src, fmt.Sprint(m.UID)), append(dst, fmt.Sprint(b.put(to, c)))
		if move {
			b.drop(from, m)
		}
	}
	return src, dst
}

func (b *Boxes) drop(box string, m *ScriptMail) {
	b.box[box].mail = slices.DeleteFunc(b.box[box].mail, func(x *ScriptMail) bool { return x == m })
}

var (
	boxesSet   = regexp.MustCompile(`^UID (?:STORE|COPY|MOVE|EXPUNGE|FETCH) (\S+) ?(.*)$`)
	boxesFlags = regexp.MustCompile(`^(?:\(UNCHANGEDSINCE \d+\) )?([+-])(FLAGS|X-GM-LABELS)(?:\.SILENT)? \((.*)\)$`)
	boxesSeq   = regexp.MustCompile(`^FETCH (\d+):\* \((.*)\)$`)
	boxesWord  = regexp.MustCompile(`"(?:\\.|[^"\\])*"|[^ ]+`)
)

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"`) }

// Handle is for Script.Handle.
func (b *Boxes) Handle(c *ScriptConn, tag, command string) bool {
	if b.First != nil && b.First(c, tag, command) {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	verb, rest, _ := strings.Cut(command, " ")
	if m := boxesSet.FindStringSubmatch(command); m != nil {
		verb, rest = strings.Fields(command)[1], m[2]
		return b.onSet(c, tag, verb, m[1], rest)
	}
	switch verb {
	case "STATUS", "SELECT", "EXAMINE":
		name := boxesWord.FindString(rest)
		return b.enter(c, tag, verb, unquoted(name))
	case "CREATE":
		if b.box[unquoted(rest)] == nil {
			b.box[unquoted(rest)] = &scriptBox{next: 1}
		}
	case "FETCH":
		m := boxesSeq.FindStringSubmatch(command)
		if m == nil {
			return false
		}
		from, _ := strconv.Atoi(m[1])
		for i, mail := range b.box[b.in[c.Number]].mail {
			if i+1 >= from {
				b.show(c, i+1, mail, m[2])
			}
		}
	case "APPEND":
		head, body, _ := strings.Cut(rest, ") ")
		if !strings.Contains(head, "(") {
			head, body, _ = strings.Cut(rest, " ")
		}
		name := boxesWord.FindString(head)
		flags := strings.Fields(strings.Trim(strings.TrimPrefix(head, name), " ()"))
		uid := b.put(unquoted(name), ScriptMail{Body: body, Flags: flags})
		c.Say("%s OK [APPENDUID 1 %d] done\r\n", tag, uid)
		return true
	default:
		return false
	}
	c.Say("%s OK done\r\n", tag)
	return true
}

func (b *Boxes) enter(c *ScriptConn, tag, verb, name string) bool {
	x := b.box[name]
	if x == nil {
		c.Say("%s NO [NONEXISTENT] no such mailbox\r\n", tag)
		return true
	}
	permanent := b.Permanent
	if permanent == "" {
		permanent = `(\Deleted \Seen \Flagged \*)`
	}
	if verb == "STATUS" {
		c.Say("* STATUS %s (MESSAGES %d UIDNEXT %d UIDVALIDITY 1)\r\n%s OK done\r\n", name, len(x.mail), x.next, tag)
		return true
	}
	b.in[c.Number] = name
	c.Say("* %d EXISTS\r\n* OK [PERMANENTFLAGS %s] .\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT %d] .\r\n%s OK done\r\n", len(x.mail), permanent, x.next, tag)
	return true
}

func (b *Boxes) onSet(c *ScriptConn, tag, verb, set, rest string) bool {
	name := b.in[c.Number]
	in := func(u uint32) bool { return InSet(set, u) }
	switch verb {
	case "FETCH":
		if strings.Contains(rest, "X-GUID") && !b.Guids {
			c.Say("%s BAD unknown item\r\n", tag)
			return true
		}
		for i, m := range b.box[name].mail {
			if in(m.UID) || set == "*" && i == len(b.box[name].mail)-1 {
				b.show(c, i+1, m, strings.Trim(rest, "()"))
			}
		}
	case "STORE":
		m := boxesFlags.FindStringSubmatch(rest)
		if m == nil {
			return false
		}
		for _, mail := range b.box[name].mail {
			if in(mail.UID) {
				list := &mail.Flags
				if m[2] == "X-GM-LABELS" {
					list = &mail.Labels
				}
				for _, f := range boxesWord.FindAllString(m[3], -1) {
					if m[1] == "-" {
						*list = slices.DeleteFunc(*list, func(have string) bool { return strings.EqualFold(have, f) })
					} else if !slices.Contains(*list, f) {
						*list = append(*list, f)
					}
				}
			}
		}
	case "EXPUNGE":
		for _, m := range slices.Clone(b.box[name].mail) {
			if in(m.UID) && slices.Contains(m.Flags, `\Deleted`) {
				b.drop(name, m)
			}
		}
	case "COPY", "MOVE":
		to := unquoted(rest)
		if b.box[to] == nil {
			c.Say("%s NO [TRYCREATE] no such mailbox\r\n", tag)
			return true
		}
		if src, dst := b.transfer(name, to, verb == "MOVE", in); b.Plus && len(src) > 0 {
			c.Say("%s OK [COPYUID 1 %s %s] done\r\n", tag, strings.Join(src, ","), strings.Join(dst, ","))
			return true
		}
	default:
		return false
	}
	c.Say("%s OK done\r\n", tag)
	return true
}

func (b *Boxes) show(c *ScriptConn, seq int, m *ScriptMail, items string) {
	s := &Script{Flags: map[uint32]string{m.UID: strings.Join(m.Flags, " ")}}
	out := s.Fetch(seq, m.UID, items, m.Body)
	extra := ""
	if strings.Contains(items, "X-GUID") {
		extra += " X-GUID " + m.Guid
	}
	if b.Labels && strings.Contains(items, "X-GM-LABELS") {
		extra += " X-GM-LABELS (" + strings.Join(m.Labels, " ") + ")"
	}
	c.Say("%s", strings.Replace(out, fmt.Sprintf("(UID %d", m.UID), fmt.Sprintf("(UID %d%s", m.UID, extra), 1))
}
