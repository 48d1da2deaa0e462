package scan

import "image"

// Shading: the level of the paper is measured in blocks and made the same everywhere.
const (
	evenBlock = 48  // pixels
	evenPaper = 240 // the level it gets
	evenLeast = 90  // a darker block has no paper
)

// even returns an image whose paper is equally light everywhere. Blocks without paper stay as they are.
func even(img *image.Gray) *image.Gray {
	b := img.Bounds()
	cols, rows := (b.Dx()+evenBlock-1)/evenBlock, (b.Dy()+evenBlock-1)/evenBlock
	paper := make([]int, cols*rows)
	for j := range rows {
		for i := range cols {
			box := image.Rect(i*evenBlock, j*evenBlock, (i+1)*evenBlock, (j+1)*evenBlock).Add(b.Min).Intersect(b)
			paper[j*cols+i] = blockPaper(img, box)
		}
	}
	// Between the middles of blocks the level runs evenly.
	level := func(i, j int) int { return paper[min(max(j, 0), rows-1)*cols+min(max(i, 0), cols-1)] }
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		j, ty := blockAt(y)
		row := img.Pix[img.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			i, tx := blockAt(x)
			top := level(i, j)*(evenBlock-tx) + level(i+1, j)*tx
			low := level(i, j+1)*(evenBlock-tx) + level(i+1, j+1)*tx
			at := (top*(evenBlock-ty) + low*ty) / (evenBlock * evenBlock)
			out.Pix[y*out.Stride+x] = uint8(min(255, int(row[x])*evenPaper/max(at, 1)))
		}
	}
	return out
}

// blockAt returns the block whose middle is before a pixel, and how far behind it the pixel is.
func blockAt(x int) (block, off int) {
	x += evenBlock / 2
	return x/evenBlock - 1, x % evenBlock
}

// blockPaper returns the level of a block's paper: a quarter of its pixels are lighter.
func blockPaper(img *image.Gray, box image.Rectangle) int {
	var hist [256]int
	for y := box.Min.Y; y < box.Max.Y; y++ {
		at := img.PixOffset(box.Min.X, y)
		for _, p := range img.Pix[at : at+box.Dx()] {
			hist[p]++
		}
	}
	left, v := box.Dx()*box.Dy()/4, 255
	for ; v > 0 && left >= hist[v]; v-- {
		left -= hist[v]
	}
	if v < evenLeast {
		return evenPaper
	}
	return v
}
