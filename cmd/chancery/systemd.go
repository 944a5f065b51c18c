package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// ready tells systemd that the service works. Servers that are down do not keep
// it from being ready: they are waited for.
func (h *house) ready() {
	h.log.Info("ready", "rules", short(h.now.set.Version()), "accounts", len(h.now.cfg.Service.Accounts))
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady+"\nSTATUS="+h.oneLine())
}

// reloading tells systemd so; the time lets it wait for the READY that follows
// (sd_notify(3), RELOADING=1).
func (h *house) reloading() {
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReloading+"\n"+daemon.SdNotifyMonotonicUsec())
}

// stopping returns a function that tells systemd, at its first call, that the
// service ends.
func (h *house) stopping() func() {
	return sync.OnceFunc(func() {
		h.log.Info("stopping")
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping+"\nSTATUS=finishing the steps under way")
	})
}

// oneLine is what "systemctl status" shows.
func (h *house) oneLine() string {
	failing := 0
	status := h.engine.Load().Status()
	for _, s := range status {
		if s.Code != "" {
			failing++
		}
	}
	return fmt.Sprintf("%s, %d failing", plural(len(status), "source"), failing)
}

// watchdog feeds systemd's watchdog while every worker shows signs of life.
func (h *house) watchdog() (stop func()) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return func() {}
	}
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if e := h.engine.Load(); e != nil && e.Alive() {
					_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog+"\nSTATUS="+h.oneLine())
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}
