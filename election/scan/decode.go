package scan

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/jpeg" // read by Decode
	_ "image/png"  // read by Decode
)

// Decode reads a JPEG or PNG image as grey levels. The header is looked at first, so that no image is unpacked that is larger than any ballot.
func Decode(data []byte) (*image.Gray, *Refusal) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return nil, &Refusal{Reason: NotAnImage, Side: -1}
	}
	if c.Height > MaxPixels/c.Width {
		return nil, &Refusal{Reason: TooLarge, Side: -1, Numbers: []Number{{"pixels", float64(c.Width) * float64(c.Height)}, {"most", MaxPixels}}}
	}
	if isBitPNG(data) {
		img, err := bitPNG(data)
		if err != nil {
			return nil, &Refusal{Reason: NotAnImage, Side: -1}
		}
		return img, nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, &Refusal{Reason: NotAnImage, Side: -1}
	}
	switch m := img.(type) {
	case *image.Gray:
		return m, nil
	case *image.YCbCr: // its first plane is the grey levels
		if m.Rect.Min == (image.Point{}) {
			return &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: m.Rect}, nil
		}
	}
	out := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Src)
	return out, nil
}
