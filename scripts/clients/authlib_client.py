"""Authlib, a client of OpenID Connect for Python: the authorization code flow with PKCE."""

import os

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken
from steps import finish, sign_in, step

# The service is on loopback.
os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'
redirect_uri = os.environ['REDIRECT_URI']
verifier = 'a-verifier-of-forty-three-characters-or-more-0123456789'


def authorize(issuer, client_id, client_secret, **method):
    """Signs alice in and answers the client's session, its metadata, the state and where the browser went."""
    metadata = requests.get(issuer + '/.well-known/openid-configuration').json()
    assert metadata['issuer'] == issuer
    session = OAuth2Session(
        client_id,
        client_secret,
        scope='openid user',
        redirect_uri=redirect_uri,
        code_challenge_method='S256',
        **method,
    )
    endpoint = metadata['authorization_endpoint']
    address, state = session.create_authorization_url(endpoint, code_verifier=verifier, nonce='the-nonce')
    browser = requests.Session()
    back = sign_in(browser, address, os.environ['LOGIN'], os.environ['PASSWORD'], redirect_uri)
    return session, metadata, state, back


def redeem(session, metadata, state, back, code_verifier=verifier):
    return session.fetch_token(
        metadata['token_endpoint'], authorization_response=back, state=state, code_verifier=code_verifier
    )


def claims_of(metadata, client_id, token):
    keys = JsonWebKey.import_key_set(requests.get(metadata['jwks_uri']).json())
    options = {'iss': {'value': metadata['issuer']}, 'aud': {'value': client_id}}
    params = {'nonce': 'the-nonce', 'client_id': client_id, 'access_token': token['access_token']}
    claims = jwt.decode(token['id_token'], keys, CodeIDToken, options, params)
    claims.validate()
    return claims


confidential = (os.environ['ISSUER'], os.environ['CLIENT_ID'], os.environ['CLIENT_SECRET'])
public = (os.environ['PUBLIC_ISSUER'], os.environ['PUBLIC_CLIENT_ID'], None)
for title, party, method in [
    ('a client with HTTP Basic', confidential, {'token_endpoint_auth_method': 'client_secret_basic'}),
    ('a client with its secret in the form', confidential, {'token_endpoint_auth_method': 'client_secret_post'}),
    ('a public client', public, {'token_endpoint_auth_method': 'none'}),
]:
    flow = step(f'signs in to {title}', lambda: authorize(*party, **method))
    session, metadata = flow[0], flow[1]
    token = step('redeems the code', lambda: redeem(*flow), lambda got: got['token_type'].lower() == 'bearer')
    claims = step('verifies the ID token', lambda: claims_of(metadata, party[1], token))
    step('finds the claims of the scope', lambda: (claims['username'], claims['groups']), ('alice', ['eng', 'ops']))
    userinfo = lambda: session.get(metadata['userinfo_endpoint']).json()
    step('reads the userinfo', userinfo, lambda got: (got['sub'], got['username']) == (claims['sub'], 'alice'))
    step('cannot redeem the code again', lambda: redeem(*flow), OAuthError)

flow = authorize(*confidential)
wrong = lambda: redeem(*flow, code_verifier='another-verifier-of-forty-three-characters-or-more')
step('cannot redeem a code with another verifier', wrong, OAuthError)
finish()
