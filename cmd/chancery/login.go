package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	gosync "sync"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/cred"
)

func newLogin() *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login ACCOUNT",
		Short: "let a person consent to what an account may do",
		Long: `Let the person whose account it is consent in a browser to what chancery may do,
for an account with grant: installed. Run it once when the account is new, and
again when status says that a consent is missing. The running service goes on
with the new consent at once.

It prints an address to open. A browser on this machine comes back by itself.
One on another machine ends at an address that begins with http://127.0.0.1 and
shows nothing: paste that address here.

It is refused if somebody else consents than user: of the account, or to less
than the scopes: of it. What is kept lies in tokens/ in the state folder, of
mode 0600.`,
		Example:           "  chancery login gc-google\n  chancery login gc-google --no-browser",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeLogin,
		RunE: func(c *cobra.Command, args []string) error {
			l, err := load(configDir(c))
			if err != nil {
				return err
			}
			a, err := installedAccount(l.cfg, args[0])
			if err != nil {
				return err
			}
			return login(c.Context(), &quietWriter{w: c.OutOrStdout()}, c.InOrStdin(), l.cfg, a, o)
		},
	}
	c.Flags().BoolVar(&o.noBrowser, "no-browser", false, "only print the address")
	c.Flags().DurationVar(&o.timeout, "timeout", cred.LoginPatience, "give up after this time")
	return c
}

type loginOptions struct {
	noBrowser bool
	timeout   time.Duration
}

func completeLogin(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cfg, _ := config.LoadDir(configDir(c))
	return installedNames(cfg), cobra.ShellCompDirectiveNoFileComp
}

// installedNames are the accounts that a person can consent for.
func installedNames(cfg *config.Config) []string {
	var out []string
	if cfg == nil {
		return nil
	}
	for _, a := range cfg.Service.Accounts {
		if o := a.OAuth(); o != nil && o.Grant == "installed" {
			out = append(out, a.Name.Value)
		}
	}
	return out
}

func installedAccount(cfg *config.Config, name string) (config.Account, error) {
	found, err := chosen(cfg, []string{name})
	if err != nil {
		return config.Account{}, err
	}
	if !slices.Contains(installedNames(cfg), found[0].Name.Value) {
		return config.Account{}, withHint(usagef("account %q has no grant: installed", found[0].Name.Value),
			"a person consents only for accounts with oauth: {grant: installed, ...}")
	}
	return found[0], nil
}

// quietWriter lets several speak, one at a time.
type quietWriter struct {
	mu gosync.Mutex
	w  io.Writer
}

func (q *quietWriter) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.w.Write(p)
}

const strayAnswer = "an answer came that does not belong to this login, and was ignored"

// login leads a person through a consent and keeps it, if it is the right one.
func login(ctx context.Context, w io.Writer, in io.Reader, cfg *config.Config, a config.Account, o loginOptions) error {
	if err := os.MkdirAll(cfg.Service.State.Dir, 0o700); err != nil {
		return withHint(fmt.Errorf("make state folder: %w", err), "run this as root or as the service's user: sudo -u chancery chancery ...")
	}
	l, err := cred.NewTokens(tokenOptions(cfg, a)).StartLogin(o.timeout, func() { _, _ = fmt.Fprintln(w, strayAnswer) })
	if err != nil {
		return err
	}
	well := false
	defer func() { l.Finish(well) }()
	sayLogin(w, a, l.URL(), o)
	if !o.noBrowser {
		openBrowser(ctx, w, l.URL())
	}
	go paste(w, in, l) // ends with the process: a terminal cannot be read with a limit of time
	consent, err := l.Wait(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if err != nil {
		return loginError(err)
	}
	who, err := rightPerson(ctx, cfg, a, consent)
	if err != nil {
		return err
	}
	if err := l.Keep(ctx, consent); err != nil {
		return withHint(err, "run this as root or as the service's user: sudo -u chancery chancery ...")
	}
	well = true
	sayConsent(ctx, w, cfg, a, who, consent)
	return nil
}

func sayLogin(w io.Writer, a config.Account, address string, o loginOptions) {
	_, _ = fmt.Fprintf(w, "Open this address in a browser and log in as %s:\n\n%s\n\n", a.User().Value, address)
	_, _ = fmt.Fprintln(w, wrap("", "A browser on this machine comes back by itself. One on another machine ends at an address that begins with http://127.0.0.1 and shows nothing: copy that address, paste it here and press Enter."))
	_, _ = fmt.Fprintf(w, "Waiting for %s at most.\n", span(o.timeout))
}

// openBrowser shows the address where somebody sits at a desktop; never as root.
func openBrowser(ctx context.Context, w io.Writer, address string) {
	if os.Geteuid() == 0 || os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") == "" {
		return
	}
	if q, ok := w.(*quietWriter); !ok || !isTerminal(q.w) {
		return
	}
	if opener, err := exec.LookPath("xdg-open"); err == nil {
		_ = exec.CommandContext(ctx, opener, address).Start()
	}
}

// maxPasted bounds one line that a person pastes.
const maxPasted = 16 << 10

// paste hands over what a person copied from a browser elsewhere.
func paste(w io.Writer, in io.Reader, l *cred.Login) {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4<<10), maxPasted)
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" && l.Paste(text) != nil {
			_, _ = fmt.Fprintln(w, wrap("", "This is not where the browser ended: copy the whole address from its address line, beginning with http://127.0.0.1."))
		}
	}
}

// loginError adds what to do.
func loginError(err error) error {
	e, ok := errors.AsType[*cred.TokenError](err)
	if !ok {
		return withHint(fmt.Errorf("login: %w", err), "run it again; nothing was changed")
	}
	hint := advice(e.Code)
	switch e.Code {
	case "denied":
		hint = "nothing was changed; an administrator may have to allow the program first"
	case "consent":
		hint = "the code was used before or is too old: run it again"
	case "no-refresh":
		hint = "the program must be registered as a desktop app"
	case "token-client":
		hint = "look at client_id, secret and scopes, and whether the program is registered as a desktop app"
	}
	return withHint(fmt.Errorf("login: %w", e.Err), hint)
}

// rightPerson refuses a consent of somebody else, or to too little.
func rightPerson(ctx context.Context, cfg *config.Config, a config.Account, c *cred.Consent) (string, error) {
	who := c.Who
	if len(who) == 0 && a.Google != nil {
		if primary, err := primaryOf(ctx, cfg, a, c.Token); err == nil {
			who = []string{primary}
		}
	}
	user := a.User().Value
	same := func(name string) bool { return strings.EqualFold(name, user) }
	switch {
	case len(who) == 0:
		return "", withHint(errors.New("login: the provider does not tell who consented, so nothing was kept"), "the provider must allow the scopes openid and email")
	case !slices.ContainsFunc(who, same):
		return "", withHint(fmt.Errorf("login: %s consented, but the account is for %s, so nothing was kept", printable(who[0]), user),
			"log in as "+user+" in the browser, for example in a private window, and run it again; "+printable(who[0])+" can take the consent back in the settings of the account")
	case len(c.Missing) > 0:
		return "", withHint(fmt.Errorf("login: the consent leaves out %s, so nothing was kept", printable(strings.Join(c.Missing, ", "))),
			"run it again and leave every box of the consent page ticked")
	}
	return user, nil
}

// sayConsent tells what was kept and lets the running service try again at once.
func sayConsent(ctx context.Context, w io.Writer, cfg *config.Config, a config.Account, who string, c *cred.Consent) {
	_, _ = fmt.Fprintf(w, "%s has consented; account %s is ready.\n", who, a.Name.Value)
	if len(c.More) > 0 {
		_, _ = fmt.Fprintln(w, wrap("", "More was granted than the account needs: "+printable(strings.Join(c.More, ", "))+"."))
	}
	r, err := askFor(ctx, socketPath(cfg), request{Do: "retry", Account: a.Name.Value})
	switch {
	case errors.Is(err, errNotRunning):
		_, _ = fmt.Fprintln(w, "The service is not running; it uses the consent when it starts.")
	case err != nil || r.Error != "" || r.Retried == 0:
		_, _ = fmt.Fprintln(w, wrap("", "The running service could not be told: it uses the consent within six hours, or at once after: systemctl restart chancery"))
	default:
		_, _ = fmt.Fprintln(w, "The running service goes on with it.")
	}
}
