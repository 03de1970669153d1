package policy_test
import ("testing";"strings";"time";"fmt";"github.com/muscope-gis/muscope/engine/policy")
func TestSlowScratch(t *testing.T){
 for _,s:=range []string{"a: b\n","a","'","\"a","- a\n"," ","a: |\n  x\n","[]","{a: b},\n","? ","- - a\n","a:\n","# c\n","\t",": ","a: >-\n b\n\n","'a'\n","- ","a b\n"}{
  for _, pre:=range []string{"","a: [","k: |\n  "}{
  d:=[]byte(pre+strings.Repeat(s,(1<<18)/len(s)))
  st:=time.Now(); _,err:=policy.Parse("x",d); el:=time.Since(st)
  if el>200*time.Millisecond { e:=fmt.Sprint(err); fmt.Printf("%q %q %v %.60s\n",pre,s,el,e)}
 }}
}
