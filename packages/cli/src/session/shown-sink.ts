/** A sink's text for messages: without what may have been meant as a secret, though none belongs there (`kafka://user:password@host`, `password=`). */
export function shownSink(text: string): string {
  return text.replace(/\/\/[^/?]*@/, '//...@').replace(/(\bpassword=)[^&]*/gi, '$1...');
}
