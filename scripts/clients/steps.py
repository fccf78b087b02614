"""Steps of a session with the service: each says whether it went as it should."""

import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

failures = 0


def step(title, act, wanted=None):
    """Runs an act. `wanted` is a type of exception, a test of the result, or a value; a true result by default."""
    global failures
    try:
        got = act()
    except Exception as error:  # what a client raises is what is tested
        got = error
    if isinstance(wanted, type):
        right = isinstance(got, wanted)
    elif isinstance(got, Exception):
        right = False
    elif callable(wanted):
        right = wanted(got)
    else:
        right = bool(got) if wanted is None else got == wanted
    if not right:
        failures += 1
    print('  ' + ('ok  ' if right else 'FAIL'), title, '' if right else repr(got)[:300])
    return got


def finish():
    sys.exit(1 if failures else 0)


class FirstForm(HTMLParser):
    """The first form of a page: where it goes, and its fields with their types and values."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.inside = None, [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == 'form' and self.action is None:
            self.action, self.inside = attributes['action'], True
        elif tag == 'input' and self.inside:
            self.fields.append((attributes['name'], attributes.get('type'), attributes.get('value', '')))

    def handle_endtag(self, tag):
        if tag == 'form':
            self.inside = False


def sign_in(session, address, login, password, until):
    """Follows redirects, fills in the form, and answers the first address that begins with `until`."""
    answer = session.get(address, allow_redirects=False)
    for _ in range(20):
        if answer.is_redirect:
            address = urljoin(address, answer.headers['location'])
            if address.startswith(until):
                return address
            answer = session.get(address, allow_redirects=False)
            continue
        form = FirstForm(answer.text)
        if answer.status_code != 200 or form.action is None:
            raise AssertionError('no form: %d %s' % (answer.status_code, answer.text[-500:]))
        typed = {'text': login, 'password': password}
        fields = {name: typed.get(kind, value) for name, kind, value in form.fields}
        address = urljoin(address, form.action)
        origin = '/'.join(address.split('/')[:3])
        answer = session.post(address, data=fields, headers={'origin': origin}, allow_redirects=False)
    raise AssertionError('redirected without an end')
