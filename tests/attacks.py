"""Mail text that tries to become markup: in Markdown, GFM, HTML, tables, templates and terminals."""

from __future__ import annotations

_SEEDS = r"""
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<svg/onload=alert(1)>
<a href="https://evil.example/">click</a>
<iframe src="//evil.example"></iframe>
</td></tr></table><script>alert(1)</script>
</blockquote><h1>owned</h1>
<!-- comment --> visible
<!-- unclosed
<![CDATA[x]]>
<?php echo 1 ?>
<!DOCTYPE html>
<b>bold</b>
<details open ontoggle=alert(1)>
<a id="hc-001"></a>
<https://evil.example/>
<mailto:ada@example.org>
<ada@example.org>
[click](https://evil.example/)
[click](javascript:alert(1))
[click](<https://evil.example/>)
[click](https://evil.example/ "title")
![image](https://evil.example/x.png)
[![nested](https://evil.example/x.png)](https://evil.example/)
[ref][1]
[1]: https://evil.example/
[collapsed][]
[shortcut]
[^note]
[^note]: text
[[wiki]]
[ ] task
[x] task
- [x] task
https://evil.example/path_with_underscores_
http://evil.example/?a=1&b=2
www.evil.example
WWW.EVIL.EXAMPLE
ftp://evil.example/file
mailto:ada@example.org
xmpp:ada@example.org/room
ada@example.org
ada.quill+tag@mail.example.org,ben@example.org
(https://evil.example/)
"https://evil.example/"
javascript:alert(1)
data:text/html,<script>alert(1)</script>
# heading
## heading
####### not a heading
heading
=======
heading
-------
---
***
___
* * *
- - -
- item
* item
+ item
1. item
1) item
999999999. item
1234567890. item
> quote
>> quote
    code by indentation
```
```sh
``` `
~~~
~~~python
`code`
``code``
`unclosed
``a`b``
`a` | `b`
a | b
| a | b |
|---|---|
:---
---:
:-:
| --- |
a\|b
\| a
a\
\
\\
\`
\*not emphasis\*
*emphasis*
**strong**
***both***
_emphasis_
__strong__
__init__
snake_case_name
_leading
trailing_
*unclosed
**unclosed
~strike~
~~strike~~
==mark==
^sup^
H~2~O
$math$
$$math$$
$`x`$
:warning:
@maintainers
#123
GH-1
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;
&#x3c;script&#x3e;
&amp;
&copy;
&notanentity;
&
&&
AT&T
a < b && c > d
a<b
x<y>z
1<2
-> arrow <-
{{ doc.title }}
{% include "entry.md.j2" %}
{# comment #}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{{ config }}
${{ secrets.TOKEN }}
{:.class}
{#id}
{{{raw}}}
<%= 1 %>
#{1}
%s %(name)s %n
{0} {name}
!
!!
![
](
][
[]()
()
[](
)
<
>
<<
>>
<>
</
<a
<a b="
'"><script>alert(1)</script>
" onmouseover="alert(1)
' onmouseover='alert(1)
`"><script>
--><script>alert(1)</script>
]]><script>
ｆｕｌｌｗｉｄｔｈ
﹤script﹥
＜script＞
‹script›
éàü_ñ_
中文*强调*中文
a*b*c
a_b_c
a__b__c
2*3*4
int *p, **q;
if (!(a & b) || c[d] < *e) { return ~f; }
#define FOO(x) ((x) << 1)
/* comment */ // comment
struct { uint32_t _pad[2]; };
KVM_CAP_X[_ACQ_REL]
HVMOP_*_mask
foo() { bar; }
0xdead_beef
-EINVAL
--option=value
+1
-1
=
==
===
--
-
+
*
#
:
|
||
_
~
~~
1.
1)
12. x
a. x
i) x
…
“quoted”
it’s
"""


_BREAKS = (
    "line\nbreak",
    "line\r\nbreak",
    "line\rbreak",
    "para\n\n# heading",
    "para\n\n<script>alert(1)</script>",
    "quote\n> inside",
    "item\n- another",
    "table\n| a |\n|---|",
    "row\n|---|---|",
    "text\n===",
    "text\n---",
    "trailing spaces  \nbreak",
    "backslash\\\nbreak",
    "\tcode by tab",
    "form\x0cfeed",
    "vertical\x0btab",
    "null\x00byte",
    "escape\x1b[31mred",
    "bell\x07",
    "delete\x7f",
    "next\x85line",
    "csi\x9b31m",
    "line\u2028separator",
    "para\u2029separator",
    "no\u00a0break",
    "zero\u200bwidth",
    "joiner\u200dhere",
    "\u202ertl override",
    "\u2066isolate\u2069",
    "\ufeffmark",
    "soft\u00adhyphen",
    "lone\ud800surrogate",
    "\ue000private",
    "\U000e0001tag",
    "https://evil.example/`x`|y\\z",
    "a@b|c@d`e@f`",
    " leading",
    "trailing ",
    "",
    " ",
)
ATTACKS = (*dict.fromkeys(_SEEDS.strip("\n").split("\n")), *_BREAKS)
