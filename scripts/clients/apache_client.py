"""A browser without a screen: signs in to a page that Apache guards with mod_auth_openidc."""

import os

import requests
from steps import finish, sign_in, step

apache = os.environ['APACHE']
browser = requests.Session()
first = step(
    'is sent to the provider',
    lambda: browser.get(apache + '/', allow_redirects=False),
    lambda got: got.status_code == 302 and got.headers['location'].startswith(os.environ['URL']),
)
back = step(
    'signs in',
    lambda: sign_in(browser, first.headers['location'], os.environ['LOGIN'], os.environ['PASSWORD'], apache),
)
page = step('is shown the page', lambda: browser.get(back), lambda got: 'the guarded page' in got.text)
step('is known by name', lambda: page.headers['x-signed-in-as'], 'alice')
step('stays signed in', lambda: 'the guarded page' in browser.get(apache + '/').text)
stranger = requests.Session().get(apache + '/', allow_redirects=False)
step('a stranger is not', lambda: stranger.status_code, 302)
finish()
