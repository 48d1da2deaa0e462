// Package outboxtest runs a real SMTP server for tests, which can be told to misbehave.
package outboxtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say what the server offers.
type Options struct {
	StartTLS bool   // offer STARTTLS
	TLS      bool   // TLS from the first byte
	User     string // ask for this user and Password
	Password string
}

// Trouble is what the server does with the next message instead of taking it.
type Trouble struct {
	AtRcpt *smtp.SMTPError // answer to RCPT TO
	AtData *smtp.SMTPError // answer after the message's last byte
	Cut    Cut
}

// Cut says when the connection breaks.
type Cut uint8

const (
	// Whole leaves the connection alone.
	Whole Cut = iota
	// BeforeEnd breaks it in the middle of the message: it was not taken.
	BeforeEnd
	// BeforeReply breaks it after the message was taken and before the client hears so.
	BeforeReply
)

// Server is a running SMTP server.
type Server struct {
	Host    string
	Port    int
	Roots   *x509.CertPool // trusts the server's certificate
	options Options

	mu      sync.Mutex
	trouble []Trouble
	mails   []Mail
}

// Mail is one message that the server took.
type Mail struct {
	From, To string
	Header   netmail.Header
	Raw      string
	TLS      bool
	User     string
}

// Start runs a server on the loopback until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	cert, roots := certificate(t)
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Roots: roots, options: o}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain = "mail.test"
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	if o.StartTLS {
		server.TLSConfig = conf
	}
	if o.TLS {
		l = tls.NewListener(l, conf)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return s
}

// Next queues trouble for the coming messages, one each.
func (s *Server) Next(all ...Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = append(s.trouble, all...)
}

// Mails returns what the server took, in order.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// session is one connection.
type session struct {
	server  *Server
	conn    *smtp.Conn
	user    string
	mail    Mail
	trouble Trouble
}

func (s *session) AuthMechanisms() []string {
	if s.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.options.User || password != s.server.options.Password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options.User != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.trouble = Trouble{}
	if len(s.server.trouble) > 0 {
		s.trouble, s.server.trouble = s.server.trouble[0], s.server.trouble[1:]
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = Mail{From: from, TLS: encrypted, User: s.user}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.trouble.AtRcpt != nil {
		return s.trouble.AtRcpt
	}
	s.mail.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.trouble.Cut == BeforeEnd {
		_, _ = io.ReadFull(r, make([]byte, 10))
		return s.conn.Conn().Close()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.trouble.AtData != nil {
		return s.trouble.AtData
	}
	m, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	s.mail.Header, s.mail.Raw = m.Header, string(raw)
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	if s.trouble.Cut == BeforeReply {
		return s.conn.Conn().Close()
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// certificate makes a certificate for the loopback and the pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
