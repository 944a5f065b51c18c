package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// maxPrepared bounds the statements one connection keeps. The journal has fewer
// texts than this.
const maxPrepared = 256

// preparing makes SQLite connections that prepare each statement once. The
// driver alone parses a statement every time, which takes longer than most of
// them run; pgx keeps its own.
type preparing struct{ driver.Connector }

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := c.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver lacks a method"), c.Close())
	}
	return &preparedConn{fullConn: full, kept: map[string]*preparedStmt{}}, nil
}

// fullConn is what database/sql uses of a connection, if it is there.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn is used by one goroutine at a time, as database/sql promises.
type preparedConn struct {
	fullConn
	kept map[string]*preparedStmt
}

type preparedStmt struct {
	driver.Stmt
	busy bool // its rows are being read
}

// take returns the kept statement of a text, and nil for one that is not kept
// or already in use: then the driver prepares another.
func (c *preparedConn) take(ctx context.Context, query string) (*preparedStmt, error) {
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	verb, _, _ := strings.Cut(query, " ")
	switch verb {
	case "select", "insert", "update", "delete":
	default:
		return nil, nil
	}
	if len(c.kept) >= maxPrepared {
		return nil, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p := &preparedStmt{Stmt: s}
	c.kept[query] = p
	return p, nil
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.QueryContext(ctx, query, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return preparedRows{rows, s}, nil
}

func (c *preparedConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Stmt.Close())
	}
	return errors.Join(append(errs, c.fullConn.Close())...)
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	stmt *preparedStmt
}

func (r preparedRows) Close() error {
	r.stmt.busy = false
	return r.Rows.Close()
}
