package config

import "go.yaml.in/yaml/v4"

// brake reads how much may be done at once before a person is asked.
func (f *file) brake(n *yaml.Node) Brake {
	br := Brake{Moves: DefaultBrakeMoves, Percent: DefaultBrakePercent, Letters: DefaultBrakeLetters}
	if n == nil {
		return br
	}
	n = target(n)
	br.Pos = f.at(n)
	if n.Kind == yaml.ScalarNode {
		switch {
		case n.Value == "off" && n.Tag != "!!null":
			br.Moves, br.Percent, br.Letters = 0, 0, 0
		case n.Tag == "!!bool":
			f.wrong(n, "a mapping or off", "write brake: off, or brake: {moves: 200, percent: 30}")
		case f.scalar(n, "a mapping or off"):
			f.wrong(n, "a mapping or off", "write brake: {moves: 200, percent: 30}, or brake: off")
		}
		return br
	}
	b, ok := f.block(n, "brake", "moves", "percent", "letters")
	if !ok {
		return br
	}
	if n := b.get("moves"); n != nil {
		if v, ok := f.number(n, 1, maxBrakeMoves); ok {
			br.Moves = v
		}
	}
	if n := b.get("percent"); n != nil {
		if v, ok := f.number(n, 1, 100); ok {
			br.Percent = v
		}
	}
	if n := b.get("letters"); n != nil {
		if v, ok := f.number(n, 1, maxBrakeLetters); ok {
			br.Letters = v
		}
	}
	return br
}
