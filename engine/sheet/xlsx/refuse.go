package xlsx

import (
	"bytes"
	"errors"
	"io"
)

// The first bytes of files that are taken for workbooks.
var (
	packedMark   = []byte("PK\x03\x04")
	compoundMark = []byte("\xD0\xCF\x11\xE0")
)

// encryptedMark names, in UTF-16, the stream that holds a workbook under a password.
var encryptedMark = func() (mark []byte) {
	for _, c := range "EncryptedPackage" {
		mark = append(mark, byte(c), 0)
	}
	return mark
}()

// looksPacked says what a file is that is not packed as a workbook is, and what to
// do about it.
func looksPacked(file io.ReaderAt, size int64) error {
	if size == 0 {
		return errors.New("the file is empty")
	}
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\uFEFF")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, packedMark):
		return nil
	case bytes.HasPrefix(head, compoundMark):
		return compound(file, size)
	case bytes.HasPrefix(text, []byte("<")):
		return errors.New("a web page or XML under the name of a workbook; open it in Excel or WPS and save it as .xlsx")
	case bytes.HasPrefix(head, []byte("PK")):
		return errors.New("an empty or parted archive, not a workbook; get the file again")
	}
	return errors.New("not a workbook; open it in Excel or WPS and save it as .xlsx, or as .csv if it is text")
}

// compound tells a workbook under a password from one in the format before .xlsx:
// both are compound files.
func compound(file io.ReaderAt, size int64) error {
	const step = 1 << 20
	buf := make([]byte, step+len(encryptedMark))
	for at := int64(0); at < size; at += step {
		n, err := file.ReadAt(buf, at)
		if bytes.Contains(buf[:n], encryptedMark) {
			return errors.New("the workbook is under a password; open it, take the password off and save it as .xlsx")
		}
		if err != nil {
			break
		}
	}
	return errors.New("a workbook in the old format (.xls, .et); open it in Excel or WPS and save it as .xlsx")
}

// notWorkbook says what an archive is that holds no workbook.
func (b *Book) notWorkbook() error {
	for _, kind := range []struct{ part, what string }{
		{"content.xml", "an OpenDocument file (.ods); open it and save it as .xlsx"},
		{"word/document.xml", "a text document (.docx); put its table into a workbook and save that as .xlsx"},
	} {
		if b.parts[kind.part] != nil {
			return errors.New(kind.what)
		}
	}
	return errors.New("an archive that holds no workbook; unpack it and name the .xlsx in it")
}
