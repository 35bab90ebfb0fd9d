"""Error codes of Slack's reference that this workspace never answers, each with the reason.

`NEVER` names codes alone, for every method that lists them, or as `method:code`.
"""

from app.sandbox.contract import common_errors, methods

NEVER: dict[str, str] = {
    "enterprise organisations, their policies and administrators": """
        access_denied accesslimited app_access_restricted canvas_disabled_user_team cant_archive_required
        channel_is_limited_access ekm_access_denied enterprise_is_restricted enterprise_not_found
        fail_to_get_teams_for_restricted_user forbidden_team missing_user no_permission org_login_required org_not_found
        org_user_not_in_team team_added_to_org team_not_on_enterprise two_factor_setup_required
        chat.postMessage:team_not_found chat.update:team_not_found team.info:user_not_found bots.info:missing_argument
        users.list:missing_argument users.conversations:missing_argument conversations.create:missing_argument
        conversations.list:missing_argument
    """,
    "Slack Connect: no channel is shared with another workspace": """
        cannot_bookmark_from_external_org cannot_bookmark_restricted_sharing_enabled external_channel_migrating
        no_external_invite_permission posting_to_channel_denied slack_connect_blocked_file_type
        slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked
    """,
    "preferences and permissions that a workspace's owners set": """
        app_cannot_join_channel cannot_create_channel edit_window_closed file_deleting_disabled file_type_not_allowed
        file_uploads_disabled file_uploads_except_images_disabled storage_limit_reached invitee_cant_see_channel
        messages_tab_disabled no_access not_enabled permission_denied restricted_action
        restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel send_on_behalf_not_allowed thread_locked user_is_restricted
        user_not_visible
    """,
    "only messages are pinned and reacted to, only links bookmarked: no files": """
        file_already_added file_comment_not_found file_not_shared bookmarks.add:file_not_found
        pins.add:file_not_found pins.remove:file_not_found
    """,
    "files come by an upload alone: not with chat methods, and no canvases, lists and contact cards": """
        blocked_file_type canvas_disabled_file_team canvas_globally_disabled delete_not_allowed file_share_limit_reached
        list_record_comment_fetch_failed max_file_sharing_exceeded missing_file_data template_not_visible
        file_is_deleted chat.update:file_deleted chat.update:file_not_found
        too_many_contact_cards unable_to_share_files unknown_subtype
    """,
    "every file is the app's own, which it always sees and may delete": "cant_delete_file not_visible",
    "drafts, streams, profiles and copies that only Slack's own programs make": """
        draft_already_deleted draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found
        duplicate_message_not_found missing_profile_id streaming_state_conflict
    """,
    "bookmarks of other kinds than links: folders, shortcuts, tabs": """
        invalid_app_action_type invalid_child_type invalid_entity_id invalid_parent_type invalid_shortcut_type
        parent_bookmark_disabled parent_with_link too_many_tabs
    """,
    "another code says it here": """
        conversations.create:invalid_name conversations.create:no_channel conversations.rename:invalid_name
        apps.connections.open:missing_args chat.update:is_inactive invalid_user_combination message_limit_exceeded
        not_pinned not_reactable rate_limited too_many_requests users.info:too_many_users bots_not_found
    """,
    "a bound that Slack does not publish, or that a workspace of this size does not reach": """
        attachment_payload_limit_exceeded limit_required too_many_members
    """,
    "arguments that are ignored here: as_user, broadcasting a reply later, filters of metadata": """
        as_user_not_supported cant_broadcast_message invalid_metadata_filter_keys metadata_must_be_sent_from_app
        no_dual_broadcast_content_update
    """,
    "rich text that people wrote: the app edits its own messages only": "block_mismatch",
    "the method takes direct messages too": """
        conversations.list:method_not_supported_for_channel_type
        conversations.members:method_not_supported_for_channel_type
        conversations.replies:method_not_supported_for_channel_type
        users.conversations:method_not_supported_for_channel_type
    """,
    "retired methods and calls of people: neither is there": """
        conversations.kick:not_supported deprecated_endpoint is_bot method_deprecated not_implemented unknown_method
    """,
    "everything is on this machine, without TLS": "insecure_request",
    "the method needs no token": """
        oauth.v2.access:account_inactive oauth.v2.access:not_allowed_token_type oauth.v2.access:not_authed
        oauth.v2.access:token_expired oauth.v2.access:token_revoked
        api.test:account_inactive api.test:not_allowed_token_type api.test:not_authed api.test:token_expired
        api.test:token_revoked
    """,
    "an app-level token always has its one scope": "apps.connections.open:missing_scope",
    "installations of organisations, apps without a secret (PKCE), previews, addresses that are not confirmed": """
        cannot_install_an_org_installed_app invalid_code_verifier pkce_not_allowed preview_feature_not_available
        user_email_unverified
    """,
    "the page of the sandbox refuses it before there is a code": "no_scopes oauth_authorization_url_mismatch",
    "the method needs no scope": """
        oauth.v2.access:missing_scope
        api.test:missing_scope auth.test:missing_scope chat.getPermalink:missing_scope views.open:missing_scope
        views.publish:missing_scope views.push:missing_scope views.update:missing_scope
    """,
}


def never() -> dict[tuple[str, str], str]:
    """The reason by method and code, for all that the reference lists."""
    listed = {name: contract.errors | common_errors() for name, contract in methods().items()}
    found: dict[tuple[str, str], str] = {}
    for reason, names in NEVER.items():
        for name in names.split():
            only, _, code = name.rpartition(":")
            of = [only] if only else [method for method, codes in listed.items() if code in codes]
            assert of, f"no method lists {code}"
            for method in of:
                assert (method, code) not in found, f"{method} {code} is named twice"
                assert code in listed[method], f"{method} does not list {code}"
                found[method, code] = reason
    return found
