package rules

import (
	"fmt"
	"slices"
	"strings"

	"chancery/config"
)

// maxCircle bounds how many rules in a row are followed.
const maxCircle = 6

// hop is a rule that takes mail of one mailbox to another, both of them fixed.
type hop struct {
	*filer
	from, to string
}

// circles tells rules that hand mail on until it is where it began. A rule that
// looks at every followed mailbox is not counted where it does not name one:
// which are followed is not written in rule files.
func (c *compiler) circles(p *prover, all []*filer) {
	var hops []hop
	for _, f := range all {
		to, ok := f.fixedPath()
		if !ok || f.known && len(f.cubes) == 0 {
			continue
		}
		if here := folderName(to); here == "INBOX" && len(f.in.Folders) == 0 || len(f.in.Folders) > 0 && within([]config.Text{{Value: here}}, f.in.Folders) {
			c.problem(f.to.pos, f.name, fmt.Sprintf("the rule files to %s, where it finds the mail", here), "name another mailbox; without file: the mail stays where it is")
			continue
		}
		for _, from := range f.in.Folders {
			if here := folderName(from.Value); here != folderName(to) {
				hops = append(hops, hop{f, here, folderName(to)})
			}
		}
	}
	starts := map[string][]hop{}
	for _, h := range hops {
		starts[h.from] = append(starts[h.from], h)
	}
	told := map[string]bool{}
	for _, h := range hops {
		if way := c.circle(p, starts, []hop{h}); way != nil {
			c.tellCircle(way, told)
		}
	}
}

// circle goes on from the last hop of way until it comes back to the first.
func (c *compiler) circle(p *prover, starts map[string][]hop, way []hop) []hop {
	last := way[len(way)-1]
	if last.to == way[0].from {
		return way
	}
	if len(way) == maxCircle {
		return nil
	}
	for _, next := range starts[last.to] {
		if slices.ContainsFunc(way, func(h hop) bool { return h.from == next.from || h.filer == next.filer || !joins(p, h, next) }) {
			continue
		}
		if found := c.circle(p, starts, append(slices.Clone(way), next)); found != nil {
			return found
		}
	}
	return nil
}

// joins reports whether two rules of a circle can match one message, and each of
// them wins in its own mailbox.
func joins(p *prover, a, b hop) bool {
	return share(a.in.Accounts, b.in.Accounts) && a.meets(p, b.filer) &&
		!(names(b.in.Folders, a.from) && b.priority >= a.priority) && !(names(a.in.Folders, b.from) && a.priority >= b.priority)
}

func (c *compiler) tellCircle(way []hop, told map[string]bool) {
	var rules []string
	for _, h := range way {
		rules = append(rules, h.name)
	}
	slices.Sort(rules)
	if key := strings.Join(rules, "\x00"); told[key] {
		return
	} else {
		told[key] = true
	}
	last := way[len(way)-1]
	var steps []string
	for _, h := range way {
		steps = append(steps, fmt.Sprintf("rule %q at %s files %s to %s", h.name, h.in.Name.Pos, h.from, h.to))
	}
	c.problem(last.in.Name.Pos, last.name, "rules hand mail round in a circle", strings.Join(steps, ", ")+"; take a mailbox out of folders: of one of them")
}

func folderName(s string) string {
	if names([]config.Text{{Value: "INBOX"}}, s) {
		return "INBOX"
	}
	return s
}
