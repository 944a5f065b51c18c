package sync

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// A refused login is left alone for long, unless a person says that it is mended:
// then it is tried at once, and the next pauses are short again. Other accounts are
// left alone.
func TestRetryEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Engine{opt: Options{Log: slog.New(slog.DiscardHandler)}, load: newLoad(), now: time.Now, workers: map[model.SourceID]*worker{}}
		pauses, slept := map[model.SourceID]*backoff{}, map[model.SourceID]time.Duration{}
		for _, id := range []model.SourceID{"gc/work", "gc/holds", "deputy/work"} {
			w := newWorker(e, SourceSpec{ID: id})
			e.workers[id], pauses[id] = w, &backoff{failures: 4}
			go func() {
				began := time.Now()
				w.sleep(t.Context(), &connectors.Error{Class: connectors.Auth, Code: "consent"}, pauses[id])
				slept[id] = time.Since(began)
			}()
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if n := e.Retry("gc"); n != 2 {
			t.Errorf("%d sources", n)
		}
		if n := e.Retry("nobody"); n != 0 {
			t.Errorf("%d sources of nobody", n)
		}
		synctest.Wait()
		for _, id := range []model.SourceID{"gc/work", "gc/holds"} {
			if slept[id] != time.Second || pauses[id].failures != 0 {
				t.Errorf("%s slept %s, and counts %d failures", id, slept[id], pauses[id].failures)
			}
		}
		time.Sleep(7 * time.Hour)
		synctest.Wait()
		if slept["deputy/work"] < 5*time.Hour {
			t.Errorf("another account slept only %s", slept["deputy/work"])
		}
	})
}
