// Package account signs people in: passkeys and security keys first, password and one-time code as the fallback.
package account

// ID names one person's account on this site.
type ID int64
