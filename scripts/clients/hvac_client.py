"""hvac, the client of Vault for Python: logging in, tokens, and the objects of the OpenID Provider."""

import os

import hvac
from hvac import exceptions
from steps import finish, step

url = os.environ['URL']
client = hvac.Client(url=url)
step('reads the seal status', lambda: client.sys.read_seal_status()['sealed'] is False)
step('reads the health', lambda: client.sys.read_health_status(method='GET')['initialized'])
step('is not authenticated', lambda: client.is_authenticated(), False)
step('is refused with a wrong password', lambda: client.auth.userpass.login('alice', 'wrong'), exceptions.InvalidRequest)
login = lambda: client.auth.userpass.login(os.environ['LOGIN'], os.environ['PASSWORD'])
step('logs in', login, lambda answer: answer['auth']['metadata']['username'] == 'alice')
step('is authenticated', lambda: client.is_authenticated())
step('looks its token up', lambda: client.auth.token.lookup_self()['data']['entity_id'])
step('renews its token', lambda: client.auth.token.renew_self(increment='1h')['auth']['lease_duration'], 3600)
step('may not list entities', lambda: client.secrets.identity.list_entities(), exceptions.Forbidden)
client.auth.token.revoke_self()
step('is not authenticated once it revoked its token', lambda: client.is_authenticated(), False)
host = lambda: client.auth.userpass.login('host/apps/app1', os.environ['HOST_KEY'])
step('logs a host in', host, lambda answer: answer['auth']['metadata']['username'] == 'host/apps/app1')

admin = hvac.Client(url=url)
admin.auth.userpass.login('admin', os.environ['ADMIN_KEY'])
identity = admin.secrets.identity
accessor = step('finds the accessor', lambda: admin.sys.list_auth_methods()['data']['userpass/']['accessor'])
step('lists entities', lambda: 'alice' in identity.list_entities_by_name()['data']['keys'])
alice = step('reads an entity', lambda: identity.read_entity_by_name('alice')['data'])
by_alias = lambda: identity.lookup_entity(alias_name='alice', alias_mount_accessor=accessor)['data']['id']
step('finds an entity by its alias', by_alias, alice['id'])
group = step('reads a group', lambda: identity.read_group_by_name('eng')['data'])
step('is told that policy makes entities', lambda: identity.create_or_update_entity('x'), exceptions.VaultError)

identity.create_named_key('hvac', allowed_client_ids=['*'], rotation_period='24h', verification_ttl='24h')
step('made a key', lambda: identity.read_named_key('hvac')['data']['rotation_period'], 86400)
identity.create_or_update_role('hvac', key='hvac', ttl='30m')
role = step('made a role', lambda: identity.read_role('hvac')['data'])
token = step('gets an identity token', lambda: identity.generate_signed_id_token('hvac')['data']['token'])
step('introspects it', lambda: identity.introspect_signed_id_token(token, client_id=role['client_id'])['active'])

objects = {
    'assignment/hvac': {'entity_ids': [alice['id']], 'group_ids': [group['id']]},
    'scope/hvac': {'template': '{ "username": {{identity.entity.name}} }', 'description': 'a name'},
    'client/hvac': {'key': 'hvac', 'redirect_uris': ['https://app.example/cb'], 'assignments': ['hvac']},
    'provider/hvac': {'allowed_client_ids': ['*'], 'scopes_supported': ['hvac']},
}
for path, fields in objects.items():
    full = 'identity/oidc/' + path
    admin.adapter.post('/v1/' + full, json=fields)
    step('reads what it wrote: ' + path, lambda: all(admin.read(full)['data'][name] == fields[name] for name in fields))
    kind = full.rsplit('/', 1)[0]
    step('lists it: ' + path, lambda: 'hvac' in admin.list(kind)['data']['keys'])
step('may not delete a key in use', lambda: identity.delete_named_key('hvac'), exceptions.InvalidRequest)
identity.delete_role('hvac')
for path in [*reversed(list(objects)), 'key/hvac']:
    admin.delete('identity/oidc/' + path)
    step('reads nothing once it is deleted: ' + path, lambda: admin.read('identity/oidc/' + path) is None)
finish()
