package main

import (
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// aclAndQuota makes a Dovecot that tells rights and limits. What stands in the
// file of a mailbox is what its owner may do there.
const aclAndQuota = `mail_plugins = $mail_plugins acl quota
protocol imap {
  mail_plugins = $mail_plugins acl imap_acl quota imap_quota
}
plugin {
  acl = vfile
  quota = count:User quota
  quota_rule = *:storage=10M
  quota_vsizes = yes
}
`

func TestDoctorOnDovecot(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: aclAndQuota})
	dav := servertest.Radicale(t)
	dav.MakeCalendar("work")
	f := newFirm(t, d, dav)
	d.Client(t, gc).OK("CREATE Billing")
	d.Client(t, pa)
	out, code := f.cli("doctor", "gc-mail")
	t.Logf("exit %d\n%s", code, out)
	out, code = f.cli("doctor", "pa-mail")
	t.Logf("exit %d\n%s", code, out)
	out, code = f.cli("doctor", "cal")
	t.Logf("exit %d\n%s", code, out)
	out, code = f.cli("doctor")
	t.Logf("exit %d\n%s", code, out)
	_ = strings.Contains
}
