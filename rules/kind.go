package rules

import (
	"fmt"
	"reflect"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// A kind is a type that expressions see: its name and its fields. Expressions
// read fields through the getters, so a fact nobody asks for is never computed.
type kind struct {
	name   string
	typ    *cel.Type
	fields map[string]field
}

// field is one fact of a kind. get receives the value of the record.
type field struct {
	typ *cel.Type
	get func(v any) any
}

func newKind(name string, fields map[string]field) *kind {
	return &kind{name: name, typ: cel.ObjectType(name), fields: fields}
}

// names returns the names of the fields in order.
func (k *kind) names() []string {
	names := make([]string, 0, len(k.fields))
	for n := range k.fields {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// record is a value of a kind.
type record struct {
	kind *kind
	v    any // a pointer, so that records compare by identity
}

func (r record) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("convert %s to %v: unsupported", r.kind.name, t)
}

func (r record) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return r.kind.typ
	}
	return types.NewErr("convert %s to %s: unsupported", r.kind.name, t.TypeName())
}

func (r record) Equal(other ref.Val) ref.Val {
	o, ok := other.(record)
	return types.Bool(ok && o == r)
}

func (r record) Type() ref.Type { return r.kind.typ }

func (r record) Value() any { return r.v }

// provider tells the checker and the interpreter about our kinds.
type provider struct {
	*types.Registry
	kinds map[string]*kind
}

func newProvider(kinds ...*kind) (*provider, error) {
	reg, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	p := &provider{Registry: reg, kinds: map[string]*kind{}}
	for _, k := range kinds {
		p.kinds[k.name] = k
	}
	return p, nil
}

// FindStructType is asked by the checker for every type it meets.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if k, ok := p.kinds[name]; ok {
		return types.NewTypeTypeWithParam(k.typ), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames lists the fields of a kind.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if k, ok := p.kinds[name]; ok {
		return k.names(), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType gives type and getter of one field.
func (p *provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	k, ok := p.kinds[name]
	if !ok {
		return p.Registry.FindStructFieldType(name, fieldName)
	}
	f, ok := k.fields[fieldName]
	if !ok {
		return nil, false
	}
	return &types.FieldType{
		Type:    f.typ,
		IsSet:   func(any) bool { return true },
		GetFrom: func(v any) (any, error) { return f.get(v), nil },
	}, true
}

// NewValue refuses: rules look at facts and make none.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.kinds[name]; ok {
		return types.NewErr("a %s cannot be made in a rule", name)
	}
	return p.Registry.NewValue(name, fields)
}
