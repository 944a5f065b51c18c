package ical

import (
	"strings"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// component is one BEGIN...END block (RFC 5545 section 3.6).
type component struct {
	name     string
	line     int
	closed   bool
	props    []prop
	children []*component
}

// all returns the properties called name.
func (c *component) all(name string) []prop {
	var out []prop
	for _, p := range c.props {
		if p.Name == name {
			out = append(out, p)
		}
	}
	return out
}

// get returns the first property called name.
func (c *component) get(name string) (prop, bool) {
	for _, p := range c.props {
		if p.Name == name {
			return p, true
		}
	}
	return prop{}, false
}

// read builds the tree under a nameless root, without recursion. Overlong lines
// are kept for whole, which the digest needs, and left out for the view.
func read(data []byte, p *problems, whole bool) (*component, *model.Fault) {
	lines, f := scan(data, p)
	if f != nil {
		return nil, f
	}
	root := &component{closed: true}
	stack := []*component{root}
	count := 0
	for _, raw := range lines {
		if len(raw.text) > MaxLine && !whole {
			p.add("line-too-long")
			if n := min(len(raw.text), len("RDATE")); strings.EqualFold(raw.text[:n], "RDATE") {
				p.add("dates-cut")
			}
			continue
		}
		line, ok := readLine(raw, p)
		if !ok {
			if whole {
				top := stack[len(stack)-1]
				top.props = append(top.props, prop{goical.Prop{Name: "", Value: raw.text}, raw.no})
			}
			continue
		}
		top := stack[len(stack)-1]
		switch line.Name {
		case "BEGIN":
			if count++; count > MaxComponents {
				return nil, fault(faultCount, raw.no)
			}
			if len(stack) > MaxDepth {
				return nil, fault(faultDepth, raw.no)
			}
			child := &component{name: componentName(line.Value), line: raw.no}
			top.children = append(top.children, child)
			stack = append(stack, child)
		case "END":
			stack = closeComponent(stack, componentName(line.Value), p)
		default:
			if top == root {
				p.add("junk-outside")
				continue
			}
			top.props = append(top.props, line)
		}
	}
	if len(stack) > 1 {
		p.add("end-missing")
	}
	return root, nil
}

func componentName(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// closeComponent closes the innermost open component of that name and all that
// were forgotten inside it.
func closeComponent(stack []*component, name string, p *problems) []*component {
	for i := len(stack) - 1; i > 0; i-- {
		if stack[i].name != name {
			continue
		}
		if i != len(stack)-1 {
			p.add("end-missing")
		}
		for _, c := range stack[i:] {
			c.closed = true
		}
		return stack[:i]
	}
	p.add("end-unmatched")
	return stack
}

// parts returns the components of every calendar in the object, and those that
// stand there without one.
func (c *component) parts(p *problems) []*component {
	var out []*component
	calendars := 0
	for _, child := range c.children {
		if child.name == goical.CompCalendar {
			calendars++
			out = append(out, child.children...)
		} else {
			p.add("no-vcalendar")
			out = append(out, child)
		}
	}
	if calendars > 1 {
		p.add("several-calendars")
	}
	return out
}
