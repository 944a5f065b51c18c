package imap

import (
	"context"
	"fmt"
	"strings"

	"chancery/internal/model"
)

// Find returns the messages with a Message-ID in the followed mailboxes, with
// their content.
func (s *Source) Find(ctx context.Context, messageID string) ([]model.Message, error) {
	want := strings.Trim(messageID, "<> ")
	var out []model.Message
	if want == "" {
		return nil, nil
	}
	err := s.call(ctx, "find", func(ctx context.Context) error {
		boxes, err := s.followed()
		if err != nil {
			return err
		}
		for _, b := range boxes {
			err := s.enterBox(b, false)
			if _, refused := asRefusal(err); refused {
				continue
			}
			if err != nil {
				return err
			}
			uids, err := s.searchID(want)
			if err != nil || len(uids) == 0 {
				if nothingIfRefused(err) != nil {
					return err
				}
				continue
			}
			found, err := s.whole(ctx, b, uids)
			if err != nil {
				return err
			}
			for _, m := range found {
				if strings.Trim(m.Body.Reveal().MessageID, "<> ") == want {
					out = append(out, m)
				}
			}
		}
		return nil
	})
	return out, err
}

// FindUID returns one message of a mailbox, named by its path with "/" between
// segments; nothing if it is not there.
func (s *Source) FindUID(ctx context.Context, mailbox string, uid uint32) ([]model.Message, error) {
	var out []model.Message
	err := s.call(ctx, "find", func(ctx context.Context) error {
		b, err := s.boxAt(strings.Split(mailbox, "/"))
		if err != nil {
			return err
		}
		if err := s.enterBox(b, false); err != nil {
			return nothingIfRefused(err)
		}
		out, err = s.whole(ctx, b, []uint32{uid})
		return err
	})
	return out, err
}

// whole reads messages of the selected mailbox with their content.
func (s *Source) whole(ctx context.Context, b box, uids []uint32) ([]model.Message, error) {
	if err := s.probe(uids[0]); err != nil {
		return nil, err
	}
	known, err := s.entries(formatSet(uids), 1, 1<<32-1)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	got, err := s.gather(ctx, b, known)
	if err != nil {
		return nil, err
	}
	var out []model.Message
	for _, e := range known {
		if f := got[e.uid]; f != nil && f.fault == "" {
			out = append(out, *s.message(b, s.sel.validity, e, f))
		}
	}
	return out, nil
}
