package vx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

// Artifact is what a signature is of.
type Artifact string

// The artifacts that VxSuite signs: the bytes of a package, and the metadata of an export.
const (
	ElectionPackage Artifact = "election_package"
	CastVoteRecords Artifact = "cast_vote_records"
)

// Signer is the machine that signed, as its certificate describes it.
type Signer struct {
	Component    string // central-scan, scan, admin …
	Jurisdiction string
	MachineID    string
	Serial       string // of the certificate
	Trusted      bool   // the certificate leads to one that the reader trusts
}

// The extensions of VotingWorks' certificates.
var (
	oidComponent    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 59817, 1}
	oidJurisdiction = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 59817, 2}
	oidMachine      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 59817, 6}
)

// Message returns what is signed.
func Message(kind Artifact, contents []byte) []byte {
	return append([]byte("1//"+string(kind)+"//"), contents...)
}

// Verify checks a .vxsig file: one byte with the length of an ECDSA signature over P-256 and SHA-256 in DER, the signature, the signer's certificate in PEM.
// Without roots nothing is trusted, and the signature may still be that of the certificate beside it. now says whether a certificate is in force.
func Verify(kind Artifact, contents, file []byte, roots *x509.CertPool, now time.Time) (*Signer, error) {
	if len(file) == 0 || len(file) < 1+int(file[0]) {
		return nil, fault.Invalidf("The signature file is cut off. Copy it again from where it was made.")
	}
	sig, rest := file[1:1+file[0]], file[1+file[0]:]
	block, _ := pem.Decode(rest)
	if block == nil {
		return nil, fault.Invalidf("The signature file holds no certificate. Copy it again from where it was made.")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fault.Invalidf("The signer's certificate cannot be read.").Because(err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fault.Invalidf("The signer's certificate has no key on the curve P-256.")
	}
	sum := sha256.Sum256(Message(kind, contents))
	if !ecdsa.VerifyASN1(key, sum[:], sig) {
		return nil, fault.Invalidf("The signature does not fit: what was signed has been changed, or the signature is that of something else.")
	}
	s := &Signer{Serial: cert.SerialNumber.Text(16)}
	for _, e := range cert.Extensions {
		switch {
		case e.Id.Equal(oidComponent):
			s.Component = textOf(e.Value)
		case e.Id.Equal(oidJurisdiction):
			s.Jurisdiction = textOf(e.Value)
		case e.Id.Equal(oidMachine):
			s.MachineID = textOf(e.Value)
		}
	}
	if roots != nil {
		_, err := cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil {
			return s, fault.Invalidf("The signer's certificate does not lead to the one that you trust.").Because(err)
		}
		s.Trusted = true
	}
	return s, nil
}

// textOf reads an extension: a string in DER, or bare bytes.
func textOf(b []byte) string {
	var s string
	if rest, err := asn1.Unmarshal(b, &s); err == nil && len(rest) == 0 {
		return s
	}
	return string(b)
}
